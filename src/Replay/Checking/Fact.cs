using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Agora.Replay.Checking;

/// <summary>What a stream, or a query table, says of something that others say something of as well.</summary>
public enum FactKind
{
    // Of a hold. Amount: micros that it held.
    HoldOpen = 1,
    HoldPosted = 2,
    HoldVoided = 3,

    /// <summary>Void before it came.</summary>
    HoldNeverCame = 4,

    /// <summary>Its owner says that the node follows: it is closed there.</summary>
    HoldFollowed = 5,

    // Of a run. Amount: micros.

    /// <summary>Other: how many sessions are above its own.</summary>
    RunRequested = 11,

    /// <summary>As <see cref="RunRequested"/>, of one for which no fund is asked.</summary>
    UnfundedRunRequested = 10,

    /// <summary>Posted. Other: who pays.</summary>
    RunPosted = 12,
    RunFailed = 13,

    /// <summary>All that had to be told follow; before the run is decided, a fund that was asked and left.</summary>
    RunFollowed = 14,
    RunPostedAtUser = 15,
    RunPostedAtSession = 16,

    /// <summary>Other: the fund.</summary>
    RunPostedAtFund = 17,

    // Of a refund. Amount: micros.
    RefundAccepted = 21,
    RefundRefused = 22,

    /// <summary>All whose part it was have paid it.</summary>
    RefundPaid = 23,

    // Of one numbered transfer between two funds. Amount: micros.
    TransferSent = 31,

    /// <summary>The sender knows that it is there.</summary>
    TransferArrived = 32,
    TransferCredited = 33,

    // Of a payment that a wallet's statement shows by itself. Amount: micros; Other: to whom.
    ItemMade = 41,
    ItemArrived = 42,

    // Of a payment by x402. Amount: micros.
    PaymentEntered = 51,

    /// <summary>A run was paid by it.</summary>
    PaymentDelivered = 52,

    // Of a row of a query table. Other: what it says; Amount: which table.
    RowFollows = 61,
    RowStands = 62,
}

/// <summary>64 bytes, so that a hundred million of them are no more than a file.</summary>
/// <param name="About">The id of what is spoken of: facts about the same are judged together.</param>
/// <param name="AtMicros">The time of the event.</param>
/// <param name="Stream">Its number in the order in which streams are read.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct Fact(UInt128 About, UInt128 Other, long Seq, long Amount, long AtMicros, int Stream, FactKind Kind)
{
    public const int Bytes = 64;

    /// <summary>The first half of SHA-256: two names do not meet by chance.</summary>
    public static UInt128 IdOf(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }

    public static UInt128 IdOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return MemoryMarshal.Read<UInt128>(bytes);
    }

    /// <summary>Not that of a run with the same id.</summary>
    public static UInt128 IdOfHold(Guid id) => ~IdOf(id);
}
