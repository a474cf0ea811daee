/** The name that agents ask for on the local network. */
export const SERVICE = "_writ._tcp.local";
/** Bytes of one string of a TXT record. */
export const TEXT_BYTES = 255;
/** Bytes of an advert that goes into a packet, which networks pass on in six parts at most. */
export const ADVERT_BYTES = 8_000;
/** Answers of one packet that are looked at. */
export const ANSWERS = 16;
