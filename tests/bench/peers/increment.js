// The script that every measured runtime answers with: JSON in, JSON out.
export default {
  async fetch(request) {
    const { n } = await request.json();
    return Response.json({ n: n + 1 });
  },
};
