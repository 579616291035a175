/**
 * The shapes that the modules hand each other. Nothing in here runs.
 *
 * @typedef {{x: number, y: number, width: number, height: number}} Box pixels of the sent JPEG
 *
 * @typedef {object} Claim what this browser believes it saw: testimony, stored beside the verdict, never a verdict
 * @property {"one_face"|"no_face"|"several_faces"|"unavailable"} status
 * @property {number} face_count
 * @property {number|null} detector_score the highest one, 0 to 1; null without a face
 * @property {Box[]} boxes
 * @property {string} detector
 *
 * @typedef {object} Picture one moment of the camera; claim and JPEG come from the same pixels
 * @property {number} width
 * @property {number} height
 * @property {() => Promise<Uint8Array>} jpeg
 * @property {() => Promise<ImageBitmap>} bitmap a new one each time, whoever asks for it closes it
 *
 * @typedef {{deviceId: string, label: string}} CameraDevice
 *
 * @typedef {object} CameraSeam emits "lost" (detail {cause}) and "available" (worth opening again)
 * @property {(choice?: {deviceId?: string}) => Promise<CameraDevice>} open rejects with a CameraError
 * @property {() => Promise<Picture|null>} takePicture null while the camera has no picture to give
 * @property {() => void} close
 * @typedef {EventTarget & CameraSeam} Camera
 *
 * @typedef {object} Detector
 * @property {() => Promise<void>} load rejects when there will be no detector
 * @property {(picture: Picture) => Promise<Claim>} detect never rejects: trouble is the claim "unavailable"
 * @property {() => void} close
 *
 * @typedef {object} Clock
 * @property {() => number} now milliseconds since 1970
 * @property {(run: () => void, delayMilliseconds: number) => unknown} setTimeout
 * @property {(handle: any) => void} clearTimeout
 * @property {() => void} [close]
 *
 * @typedef {"frames"|"events"|"numbers"|"keys"} Table
 * @typedef {string|[string, number]} Key `[attempt id, number]` in frames and events, a name elsewhere
 *
 * @typedef {object} Store where things wait; a Store of kind "disk" survives a reload
 * @property {"disk"|"memory"} kind
 * @property {(table: Table, key: Key) => Promise<any>} get
 * @property {(table: Table, key: Key, value: unknown) => Promise<void>} put
 * @property {(table: Table, key: Key, value: unknown) => Promise<any>} putIfAbsent gives what is stored afterwards
 * @property {(table: Table, key: Key) => Promise<void>} remove
 * @property {(table: Table) => Promise<Key[]>} keys ascending
 * @property {(name: string, atLeast: number) => Promise<number>} nextNumber never the same twice for one name
 * @property {() => void} close
 *
 * @typedef {object} Frame
 * @property {number} seq
 * @property {string} capturedAt RFC 3339, this browser's clock
 * @property {string|null} ticket capture ticket held at the moment of capture
 * @property {string} sha256 hexadecimal, of jpeg
 * @property {Claim} claim
 * @property {Uint8Array} jpeg
 *
 * @typedef {object} ClientEvent in the spelling of the API
 * @property {string} id uuid; the server recognises a repeated one
 * @property {string} kind
 * @property {string} reason
 * @property {string} client_at RFC 3339, this browser's clock
 * @property {Record<string, unknown>} [detail]
 *
 * @typedef {object} Attempt the part of the server's attempt that the monitor reads
 * @property {string} id
 * @property {string} state
 * @property {number} next_seq
 * @property {number} frame_interval_seconds
 * @property {string|null} ticket
 *
 * @typedef {{code: string, message: string}} Trouble
 *
 * @typedef {{kind: "accepted", body: any}
 *   | {kind: "nothing"}
 *   | {kind: "refused", trouble: Trouble}
 *   | {kind: "retry", trouble: Trouble}
 *   | {kind: "wait", seconds: number, trouble: Trouble}
 *   | {kind: "sign_in", trouble: Trouble}
 *   | {kind: "closed", trouble: Trouble}} Outcome what became of one request, as the sender has to treat it
 *
 * @typedef {object} Status
 * @property {boolean} running
 * @property {"waiting"|"capturing"} role waiting: another page of this browser monitors the attempt
 * @property {"opening"|"live"|"lost"|"denied"|"missing"|"closed"} camera
 * @property {"loading"|"ready"|"unavailable"} detector
 * @property {"opening"|"disk"|"memory"} storage
 * @property {Claim|null} claim
 * @property {number} intervalSeconds
 * @property {number} waiting frames not yet answered
 * @property {number} waitingEvents client events not yet answered
 * @property {Date|null} lastCapturedAt
 * @property {Date|null} lastSentAt
 * @property {number|null} clockOffsetSeconds how far the server's clock is ahead of this one; null before its first answer
 * @property {boolean} signInNeeded
 * @property {(Trouble & {at: Date})|null} lastError null again after the next success
 *
 * @typedef {object} MonitorOptions
 * @property {string} attemptId
 * @property {string} csrfToken
 * @property {HTMLVideoElement} [video] shows the student their own picture
 * @property {string} [apiUrl]
 * @property {string} [faceApiUrl]
 * @property {string} [weightsUrl]
 * @property {number} [presenceIntervalSeconds]
 * @property {string} [cameraDeviceId]
 * @property {number} [maxFrames] frames kept while the server cannot be reached
 *
 * @typedef {object} MonitorParts everything the monitor touches outside itself; each one can be replaced
 * @property {Camera} camera
 * @property {Detector} detector
 * @property {Clock} clock
 * @property {typeof globalThis.fetch} fetch
 * @property {() => Promise<Store>} openStore
 * @property {{document: EventTarget, window: EventTarget, isHidden: () => boolean, isFullscreen: () => boolean, screen?: (EventTarget & {isExtended?: boolean})|null}} page
 * @property {() => number} random 0 to 1
 * @property {LockManager|null} locks of navigator.locks; null where the browser has none
 */
export {};
