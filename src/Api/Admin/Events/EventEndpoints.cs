using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;
using Agora.Grains.Kernel;
using Agora.Grains.Webhooks;
using Agora.Journal;
using Agora.Web;
using Microsoft.Extensions.Hosting;

namespace Agora.Api.Admin.Events;

/// <summary>
/// What happens, for who cannot be called: what webhooks are told, from the same feed, in the same words and under the same ids. A request waits until there is something to tell, and is
/// answered then; the next one goes on from its cursor, at any process. Nothing is kept of who follows, so whoever goes away leaves nothing behind.
/// </summary>
internal sealed class EventEndpoints(IFeed feed, FeedCursors cursors, IHostApplicationLifetime lifetime, TimeProvider time) : IFeature
{
    public static readonly Operation<EventRequest> Follow = new(Audience.Operators, "follow_events", "GET /admin/events", "What happens, as webhooks are told it: waits for something new, and goes on from a cursor")
    {
        Read = EventRequest.Read,
        Data = typeof(EventsData),
        DataExample = $$"""{"events":[{{EventData.Example}}],"next_cursor":"q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"}""",
    };

    private static readonly Rejection NoPlace = Findings.Invalid("cursor", "pattern", "It is no cursor of this tenant's events, or what stood there is gone. Begin anew without it: from now on.");

    private readonly FairPlaces _following = new(Limits.EventsFollowedByAll, ofTenant: Limits.EventsFollowed);

    public void Map(Routes routes) => routes.Map(Follow, FollowEvents);

    private async Task<Reply> FollowEvents(OperatorCall call, EventRequest asked)
    {
        if (call.Take(_following, RequestOwners.Of(call.Actor), Codes.Unavailable) is { } crowded) return Reply.Refused(crowded);

        var from = asked.Cursor is null ? new FeedPlace(FeedCursor.Parse(await feed.FeedEnd(call.Cancel))) : cursors.Read(call.Tenant, asked.Cursor);
        if (from is null) return Reply.Refused(NoPlace);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancel, lifetime.ApplicationStopping);
        var (began, told) = (time.GetTimestamp(), new List<EventData>());
        try
        {
            bool isNothingNew;
            do
            {
                var window = await Next(from.Feed, asked.Wait - time.GetElapsedTime(began), over.Token);
                if (window.Reset) return Reply.Refused(NoPlace);

                from = Tell(call.Tenant, asked, from, window, told);
                isNothingNew = window.Rows.Count == 0;
            }
            while (told.Count == 0 && !isNothingNew && time.GetElapsedTime(began) < asked.Wait);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The process ends: another one goes on from there.
        }

        return Reply.Ok(new EventsData(told, cursors.Mint(call.Tenant, from)));
    }

    private Task<FeedWindow> Next(FeedCursor after, TimeSpan patience, CancellationToken cancel) => feed.Next(
        new(after.ToString(), [.. Notices.OfKinds]) { Patience = patience > TimeSpan.Zero ? patience : TimeSpan.Zero, MostRows = Limits.WebhookRows, MostBytes = Limits.WebhookBytes }, cancel);

    /// <returns>Where the next one goes on: behind the window, or within it.</returns>
    private static FeedPlace Tell(Tenant tenant, EventRequest asked, FeedPlace place, FeedWindow window, List<EventData> told)
    {
        var all = window.Rows.Where(row => row.Stream.StartsWith($"{tenant.Name}/", StringComparison.Ordinal)).SelectMany(Happened.In).ToList();

        // Where that one stands no more, others took the place of what was told behind it: they are told, all of them.
        var next = place.Told is null ? 0 : all.FindIndex(happened => happened.Id == place.Told) + 1;
        for (; next < all.Count; next++)
        {
            if (!asked.Wants(all[next].Notice.Type)) continue;

            told.Add(EventData.Of(all[next]));
            if (told.Count == asked.Limit) return place with { Told = all[next].Id };
        }

        return new(FeedCursor.Parse(window.Cursor));
    }
}

/// <param name="Types">Null: all.</param>
/// <param name="Wait">How long for something to tell.</param>
internal sealed record EventRequest(string? Cursor, IReadOnlyList<string>? Types, int Limit, TimeSpan Wait)
{
    public static EventRequest Read(Call call) => new(
        call.Query.Text("cursor", "Where to go on: next_cursor of the reply before; absent: from now on.", Limits.CursorLength),
        call.Query.Words("types", "Only those, with commas between; absent: all.", NoticeTypes.All),
        call.Query.Limit(),
        TimeSpan.FromSeconds(call.Query.Seconds("wait_seconds", "How long to wait for something to tell; 0: not at all.", Limits.EventsWaitSeconds)));

    public bool Wants(string type) => Types is null || Types.Contains(type);
}

internal sealed record EventsData(IReadOnlyList<EventData> Events, string NextCursor);

/// <param name="Data">As its type has it.</param>
internal sealed record EventData(string Id, string Type, DateTimeOffset Timestamp, JsonObject Data)
{
    public const string Example = """{"id":"evt_3q2-7wAAAAAAAAAAAAAAAAAA","type":"run.succeeded","timestamp":"2030-01-01T00:00:00.000000Z","data":{"subject":"session/0198c0de","sequence":12,"run_id":"0198c0de-0000-7000-8000-000000000001","service_id":"summary","state":"succeeded","amount_cents":25,"link":"/admin/runs/0198c0de-0000-7000-8000-000000000001"}}""";

    public static EventData Of(Happened happened) => new(happened.Id, happened.Notice.Type, happened.At, happened.Data());
}
