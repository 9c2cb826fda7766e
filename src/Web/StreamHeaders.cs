namespace Agora.Web;

/// <summary>Headers of Durable Streams, and the path below which a request is one of that protocol.</summary>
internal static class StreamHeaders
{
    public const string Root = "/streams";

    public const string NextOffset = "Stream-Next-Offset";
    public const string UpToDate = "Stream-Up-To-Date";
    public const string Closed = "Stream-Closed";
    public const string Cursor = "Stream-Cursor";
    public const string Order = "Stream-Seq";
    public const string Ttl = "Stream-TTL";
    public const string ExpiresAt = "Stream-Expires-At";
    public const string ForkedFrom = "Stream-Forked-From";
    public const string Encoding = "Stream-SSE-Data-Encoding";
    public const string ProducerId = "Producer-Id";
    public const string ProducerEpoch = "Producer-Epoch";
    public const string ProducerSeq = "Producer-Seq";
    public const string ExpectedSeq = "Producer-Expected-Seq";
    public const string ReceivedSeq = "Producer-Received-Seq";
    public const string True = "true";

    /// <summary>The request headers that change what is done, and all headers of answers.</summary>
    public static readonly IReadOnlyList<string> Heard = [Closed, Order, ProducerId, ProducerEpoch, ProducerSeq];
    public static readonly IReadOnlyList<string> Said = [NextOffset, UpToDate, Closed, Cursor, Encoding, ProducerEpoch, ProducerSeq, ExpectedSeq, ReceivedSeq];

    /// <summary>Those that ask for what a conversation is not.</summary>
    public static readonly IReadOnlyList<string> NotServed = [Ttl, ExpiresAt, ForkedFrom, "Stream-Fork-Offset", "Stream-Fork-Sub-Offset"];
}
