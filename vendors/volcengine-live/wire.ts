/* The vendor's own shapes, as far as we read them. Field names are the wire's. */

export interface LiveStream {
  App: string;
  Stream: string;
  ID?: number;
  /** RFC 3339, milliseconds. */
  SessionStartTime?: string;
  /** `push` or `relay`. */
  SourceType?: string;
}

export interface ClosedStream {
  App: string;
  Stream: string;
  /** RFC 3339, seconds. */
  StartTime: string;
  EndTime: string;
  SourceType?: string;
}

export interface ForbiddenStream {
  App: string;
  Stream: string;
  CreateTime?: string;
  /** RFC 3339, seconds. */
  EndTime?: string;
  /** False: configured, not in force. */
  Status?: boolean;
}

export interface PagingFacts {
  PageTotal?: number;
}

export interface PushUrls {
  PushURLList?: string[] | null;
  PushURLListDetail?: { URL: string; DomainApp: string; StreamSign: string }[] | null;
}

export interface RelayV4 {
  Domain: string;
  App: string;
  Stream: string;
  SrcAddrS: string[];
  /** Unix seconds; both or neither. */
  StartTime?: number;
  EndTime?: number;
}

export interface RelayV3 {
  Group: string;
  Servers: {
    RelaySourceDomain: string;
    RelaySourceProtocol: 'rtmp' | 'flv';
    RelaySourceParams?: Record<string, string>;
  }[];
}

export interface TosParam {
  Enable?: boolean;
  Bucket?: string;
  StorageDir?: string;
  ExactObject?: string;
}

export interface FormatParam {
  Enable?: boolean;
  /** Seconds. */
  ContinueDuration?: number;
  Duration?: number;
  RealtimeRecordDuration?: number;
  Splice?: number;
  TOSParam?: TosParam;
}

export interface RecordPresetConfig {
  HlsParam?: FormatParam;
  FlvParam?: FormatParam;
  Mp4Param?: FormatParam;
  OriginRecord?: number;
  TranscodeRecord?: number;
  /** Seconds. */
  SliceDuration?: number;
}

export interface RecordPreset {
  Vhost: string;
  App?: string;
  Stream?: string;
  SlicePresetV2?: { Name?: string; RecordPresetConfig?: RecordPresetConfig };
}

export interface RecordFile {
  Bucket: string;
  Path: string;
  FileName: string;
  Format: string;
  /** RFC 3339, seconds. */
  StartTimeUTC: string;
  EndTimeUTC: string;
}

export interface IndexFile {
  RecordURL: string;
  /** Seconds. */
  Duration?: number;
  OutputBucket?: string;
  OutputObject?: string;
}
