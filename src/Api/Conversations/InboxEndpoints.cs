using Agora.Application.Calls;
using Agora.Application.Conversations;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.Extensions.Hosting;

namespace Agora.Api.Conversations;

/// <summary>What all conversations of an agent tell it, in one order: a request waits until there is something, and the next one goes on from its cursor, at any process.</summary>
internal sealed class InboxEndpoints(Inboxes inboxes, IInboxSockets sockets, FeedCursors cursors, IHostApplicationLifetime lifetime, TimeProvider time) : IFeature
{
    public static readonly Operation<InboxRequest> Get = new(Audience.Peers, "read_inbox", "GET /agent/inbox", "What the agent's conversations tell it, in one order: waits for something new, and goes on from a cursor")
    {
        Read = InboxRequest.Read,
        HasEvents = true,
        Headers = [EventStream.LastEventIdParameter, InboxProtocols.Parameter],
        Data = typeof(EntriesData),
        Codes = [Codes.ValidationFailed, Codes.RateLimited],
        DataExample = $$"""{"entries":[{{InboxEntryData.Example}}],"next_cursor":"q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"}""",
    };

    private static readonly Rejection NoPlace = Findings.Invalid("after", "pattern", "It is no cursor of this tenant's inboxes, or what stood there is gone. Begin anew without it: from the first entry.");

    public void Map(Routes routes) => routes.Map(Get, ReadInbox);

    private async Task<Reply> ReadInbox(PeerCall call, InboxRequest asked)
    {
        if (!InboxProtocols.AreServed(call.Header(InboxProtocols.Parameter.Name))) return Reply.Refused(InboxProtocols.None);

        var (listener, full) = await inboxes.Listen(call.Tenant, call.AgentId, call.Cancel);
        if (call.Begun(listener) is null) return Reply.Refused(Crowded.Refusal(Codes.RateLimited, full));

        if (call.SocketProtocols is { } protocols) return sockets.Open(call, protocols, listener!);

        var after = call.Header(EventStream.LastEventId) is [{ } last] ? last : asked.After;
        return await listener!.Begin(after, cursor => InboxPlace.Read(cursors, call.Tenant, cursor), call.Cancel) is not { } from ? Reply.Refused(NoPlace)
            : call.WantsEvents ? Reply.Streamed(EventStream.Type, Events(call, listener, from))
            : await Page(call, listener, from, asked);
    }

    private async Task<Reply> Page(PeerCall call, InboxListener listener, InboxPlace from, InboxRequest asked)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancel, lifetime.ApplicationStopping);
        await using var timer = time.After(asked.Wait, over);
        var page = await listener.Read(from, asked.Limit, over.Token);
        return page is null ? Reply.Refused(NoPlace)
            : Reply.Ok(new EntriesData([.. page.Entries.Select(told => InboxEntryData.Of(told.Entry))], page.Next.Mint(cursors, call.Tenant))) with { UntrustedFields = InboxEntryData.Untrusted };
    }

    /// <summary>Until its time is over, its reader is gone, its credential opens nothing any more, or what stands at its place is cut off: then its reader comes again, and is told so.</summary>
    private async IAsyncEnumerable<string> Events(PeerCall call, InboxListener listener, InboxPlace from)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancel, lifetime.ApplicationStopping);
        await using var end = time.After(TalkLimits.StreamFor, over);
        yield return EventStream.Heartbeat; // the reply begins
        while (!over.IsCancellationRequested)
        {
            using var quiet = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
            await using var timer = time.After(TalkLimits.HeartbeatEvery, quiet);
            if (await listener.Read(from, Limits.PageMax, quiet.Token) is not { } page || !await call.Stands()) yield break;

            foreach (var told in page.Entries) yield return EventStream.Event(told.Place.Mint(cursors, call.Tenant), InboxEntryData.Of(told.Entry));
            if (page.Entries.Count == 0)
            {
                yield return EventStream.Heartbeat;
            }

            from = page.Next;
        }
    }
}
