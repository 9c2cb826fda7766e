using Agora.Core.Kernel;

namespace Agora.Grains.Webhooks;

/// <param name="Next">Up to which was looked.</param>
/// <param name="IsPage">Something is told up to there: a page, and no more.</param>
public sealed record InboxLook(string Next, bool IsPage);

/// <param name="Body">As it is sent; null: nothing of it is told any more.</param>
public sealed record InboxPageText(ReadOnlyMemory<byte>? Body);

/// <summary>Agents' inboxes, as this process reads them. Places are words of theirs, and stay good across restarts.</summary>
public interface IInboxPages
{
    /// <summary>Waits for something that an agent is told behind a place.</summary>
    /// <returns>Null: what stood there was cut off.</returns>
    /// <exception cref="OperationCanceledException">Nobody waits any more.</exception>
    Task<InboxLook?> Look(Tenant tenant, string agentId, string after, TimeSpan patience, CancellationToken ending);

    /// <summary>What it is told behind one place up to another, at once.</summary>
    /// <returns>Null: what stood there was cut off.</returns>
    /// <exception cref="Journal.JournalUnavailableException">It cannot be read, or this process has not heard that far yet.</exception>
    Task<InboxPageText?> Read(Tenant tenant, string agentId, string from, string upTo, CancellationToken ending);
}
