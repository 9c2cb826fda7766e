namespace Agora.Application.Operations;

/// <summary>Media types (RFC 6838) of bodies and replies.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";

    /// <summary>RFC 4180.</summary>
    public const string Csv = "text/csv";

    /// <summary>One JSON value per line.</summary>
    public const string NdJson = "application/x-ndjson";

    /// <summary>Server-sent events (the HTML standard, section 9.2).</summary>
    public const string EventStream = "text/event-stream";
}
