using System.Text.Json;
using Agora.Application.Conversations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Webhooks;
using Agora.Journal;
using Agora.Web;

namespace Agora.Api.Conversations;

/// <summary>Inboxes for whoever has them posted: the same places and entries as requests are told, so what comes is the same.</summary>
internal sealed class InboxPages(Inboxes inboxes, FeedCursors cursors, TimeProvider time) : IInboxPages
{
    private static readonly CancellationToken AtOnce = new(canceled: true);

    public async Task<InboxLook?> Look(Tenant tenant, string agentId, string after, TimeSpan patience, CancellationToken ending)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ending);
        await using var timer = time.After(patience, over);
        using var listener = await Listen(tenant, agentId, ending);
        var page = await listener.Read(InboxPlace.OfKept(after), Limits.PageMax, patience > TimeSpan.Zero ? over.Token : AtOnce).WaitAsync(ending);
        return page is null ? null : new((EndOf(page.Entries) ?? page.Next).Kept, page.Entries.Count > 0);
    }

    public async Task<InboxPageText?> Read(Tenant tenant, string agentId, string from, string upTo, CancellationToken ending)
    {
        using var listener = await Listen(tenant, agentId, ending);
        var (place, end, told) = (InboxPlace.OfKept(from), InboxPlace.OfKept(upTo), new List<ToldEntry>());
        while (Inbox.IsBefore(place.Order, end.Order))
        {
            if (await listener.Read(place, Limits.PageMax, AtOnce).WaitAsync(ending) is not { } page) return null;
            if (page.Next == place) throw new JournalUnavailableException("What was found in an inbox is not heard of here yet.");

            told.AddRange(page.Entries.TakeWhile(entry => !Inbox.IsBefore(end.Order, entry.Order)));
            place = page.Next;
        }

        return new(told.Count == 0 ? default(ReadOnlyMemory<byte>?) : Text(tenant, told, end)); // a mere null would be converted to no bytes
    }

    /// <summary>Where a page ends that would be too much for one message; null: it is not. One entry is never too much.</summary>
    private static InboxPlace? EndOf(IReadOnlyList<ToldEntry> entries)
    {
        var bytes = 0L;
        for (var i = 0; i < entries.Count; i++)
        {
            bytes += entries[i].Entry.Happened is ConversationEvent.Said { Content: { } content } ? content.Utf8.Length : 0;
            if (i > 0 && bytes > Limits.WebhookBytes) return entries[i - 1].Place;
        }

        return null;
    }

    private ReadOnlyMemory<byte> Text(Tenant tenant, List<ToldEntry> told, InboxPlace end) => JsonSerializer.SerializeToUtf8Bytes(
        new InboxMessageData(InboxMessageData.EntriesType, told[^1].Entry.At, new([.. told.Select(entry => InboxEntryData.Of(entry.Entry))], end.Mint(cursors, tenant)), InboxEntryData.Untrusted), ApiJson.Options);

    private async Task<InboxListener> Listen(Tenant tenant, string agentId, CancellationToken ending) =>
        (await inboxes.Listen(tenant, agentId, ending)).Listener ?? throw new JournalUnavailableException("Too many listen for the agent already.");
}

/// <summary>What is posted, in the form of Standard Webhooks.</summary>
/// <param name="Timestamp">Of the last entry: each try says the same.</param>
/// <param name="Data">As the inbox gives it.</param>
internal sealed record InboxMessageData(string Type, DateTimeOffset Timestamp, EntriesData Data, IReadOnlyList<string> UntrustedFields)
{
    public const string EntriesType = "inbox.entries";
}
