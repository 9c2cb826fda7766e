using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Webhooks;
using Agora.Grains.Clocks;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Webhooks;

/// <summary>
/// Posts events to endpoints. It reads them from the feed, which all endpoints of the process share (<see cref="SharedFeed"/>), or from the stream of a subject that waits. It is stateless: the call says what to do, and the outcome is returned.
/// </summary>
/// <param name="post">Null: nothing is told here.</param>
public sealed class Teller(Entities entities, IFeed feed, IJournal journal, PersonalKeys keys, IWebhookPost? post, TenantTimes times)
{
    private readonly TimeProvider _world = times.World;

    private readonly Posting _posting = new(entities, post, times);

    private readonly SharedFeed _shared = new(feed, times.World);

    public async Task<StepOutcome> Window(WebhookWindow call, OutsideContext context)
    {
        var (cursor, passed, telling, tenant) = (call.Cursor, 0, new Telling(this, call.Definition, context), $"{context.From.Tenant}/");
        try
        {
            await Task.Delay(call.Reads ? call.Pause : call.Pause + call.Patience, _world, context.Ending);
            if (!call.Reads) return Nothing();

            var began = _world.GetTimestamp();
            (cursor, var isFound) = await Seek(call, context);
            if (!isFound) return Nothing();

            await foreach (var window in _shared.Follow(FeedCursor.Parse(cursor), Notices.KindsOf(call.Definition.Types), call.Patience, context.Ending))
            {
                if (window.Reset) return new WebhookOutcome.Window(null, IsCutOff: true, 0, [], []);

                var rows = window.Rows.Where(row => row.Row.Stream.StartsWith(tenant, StringComparison.Ordinal)).ToList();
                foreach (var row in rows.Where(row => Timestamps.FromMicros(RowCodec.FirstAtMicros(row.Row)) is var at && !(at < call.NotBefore) && !(at > call.NotAfter)))
                {
                    telling.Add(row, call.Waiting);
                }

                passed += (int)Math.Min(window.Cursor.Place.Position - window.After.Place.Position, Limits.WebhookPassed);
                cursor = window.Cursor.ToString();
                if (telling.HasSome) break; // ends its turn as the leader, if it is: posting takes long, and the other endpoints need a reader meanwhile

                // What was told of this window is noted first; the next one, of which nothing is told, ends it.
                var isBehind = window.Rows.Count == 0 || window.Rows.All(row => Timestamps.FromMicros(RowCodec.FirstAtMicros(row.Row)) > call.NotAfter + Limits.WebhookReplayMargin);
                if (call.NotAfter is not null && isBehind) return new WebhookOutcome.Window(cursor, IsCutOff: false, passed, [], [], IsOver: true);

                var isOver = window.Rows.Count == 0 || _world.GetElapsedTime(began) >= call.Patience;
                if (isOver || rows.Exists(row => row.Row.Stream == context.From.ToString())) return Nothing();
            }

            if (!telling.HasSome) return Nothing();

            await telling.All();
            return new WebhookOutcome.Window(cursor, IsCutOff: false, passed, telling.Deliveries, telling.Left);
        }
        catch (OperationCanceledException) when (context.Ending.IsCancellationRequested)
        {
            return Nothing();
        }
        catch (JournalUnavailableException)
        {
            return new StepOutcome.Unreachable();
        }

        WebhookOutcome.Window Nothing() => new(cursor, IsCutOff: false, passed, [], []);
    }

    public async Task<StepOutcome> Send(WebhookSend call, OutsideContext context)
    {
        var (send, at) = (call.Send, times.Now(Tenant.Of(context.From)));
        try
        {
            if (send.Stream is null) return new WebhookOutcome.Sent(await Tell(Happened.Test(send, context.From), 1, context));

            var rows = await journal.Read(send.Stream, send.Place.Seq - 1, 1, CancellationToken.None);
            var happened = rows.SelectMany(Happened.In).FirstOrDefault(found => found.Place == send.Place && found.Id == send.EventId);
            return new WebhookOutcome.Sent(happened is not null
                ? await Tell(happened, 1, context)
                : new(send.EventId, NoticeTypes.Test, send.Stream, send.Place, send.AskedAt, at, 1, null, 0, DeliveryErrors.Gone));
        }
        catch (Exception e) when (e is JournalUnavailableException or OperatingException)
        {
            return new StepOutcome.Unreachable();
        }
    }

    public async Task<StepOutcome> Subject(WebhookSubject call, OutsideContext context)
    {
        var (subject, deliveries, after, at) = (call.Subject, new List<Delivery>(), call.Subject.From.Seq - 1, call.Subject.From);
        try
        {
            while (after < subject.UpTo)
            {
                var rows = await journal.Read(subject.Stream, after, Limits.WebhookRows, CancellationToken.None);
                if (rows.Count == 0) break;

                foreach (var row in rows.TakeWhile(row => row.Seq <= subject.UpTo))
                {
                    foreach (var happened in Happened.In(row).Where(happened => happened.Place.CompareTo(subject.From) >= 0 && call.Definition.Wants(happened.Notice.Type)))
                    {
                        at = happened.Place;
                        var isEnough = context.Ending.IsCancellationRequested || deliveries.Count == Limits.WebhookCatchUp;
                        if (isEnough) return new WebhookOutcome.Subject(deliveries, at);

                        deliveries.Add(await Tell(happened, at == subject.From ? subject.Attempts + 1 : 1, context));
                        if (!deliveries[^1].IsTaken) return new WebhookOutcome.Subject(deliveries, at);
                    }
                }

                after = rows[^1].Seq;
            }

            return new WebhookOutcome.Subject(deliveries, null);
        }
        catch (Exception e) when (e is JournalUnavailableException or OperatingException)
        {
            return deliveries.Count == 0 ? new StepOutcome.Unreachable() : new WebhookOutcome.Subject(deliveries, at);
        }
    }

    // Of rows that are passed over only the heads are read. Where there are too many for one go, it goes on from there.
    private async Task<(string? Cursor, bool IsFound)> Seek(WebhookWindow call, OutsideContext context)
    {
        if (call.NotBefore is not { } from) return (call.Cursor, true);

        var (cursor, began) = (call.Cursor, _world.GetTimestamp());
        var query = new FeedQuery(cursor, [.. Notices.KindsOf(call.Definition.Types)]) { Patience = TimeSpan.Zero, BodyBytes = RowCodec.FirstAtBytes };
        await foreach (var window in feed.Follow(query, context.Ending))
        {
            var isFound = window.Reset || window.Rows.Count == 0 || window.Rows.Any(row => Timestamps.FromMicros(RowCodec.FirstAtMicros(row)) >= from);
            if (isFound) return (cursor, true);

            cursor = window.Cursor;
            if (_world.GetElapsedTime(began) >= call.Patience) break;
        }

        return (cursor, false);
    }

    internal async Task<Delivery> Tell(Happened happened, int attempt, OutsideContext context)
    {
        var (sentAt, began) = (times.Now(Tenant.Of(context.From)), _world.GetTimestamp());
        var answer = await _posting.Post(context, happened.Id, happened.Body(), new()) ?? new(null, DeliveryErrors.Refused, null);
        var took = (int)_world.GetElapsedTime(began).TotalMilliseconds;
        return new(happened.Id, happened.Notice.Type, happened.Stream, happened.Place, happened.At, sentAt, attempt, answer.Status, took, answer.Error, await Kept(happened, answer.Head));
    }

    // What an endpoint says may quote the user whom it was told of: so it is sealed with the user's key, and goes with it.
    private async Task<string?> Kept(Happened happened, string? said)
    {
        try
        {
            return said is null || await UserOf(happened) is not { } user ? said
                : SealedText.Seal(await keys.Get(SealedText.KeyOf(Tenant.Of(StreamId.Parse(happened.Stream)), user)), said);
        }
        catch (JournalUnavailableException)
        {
            return null; // It was told, which is what matters.
        }
    }

    private async Task<string?> UserOf(Happened happened)
    {
        var stream = StreamId.Parse(happened.Stream);
        if (stream.Kind == Kinds.User) return stream.Id;
        return stream.Kind switch
        {
            Kinds.Session => (await First<LeafEvent, SessionEvent.Begun>(SessionCodec.Events))?.UserId,
            Kinds.Payment => (await First<RefundEvent, RefundEvent.Requested>(RefundCodec.Events))?.Payment.UserId,
            _ => happened.Notice.Data["user_id"]?.GetValue<string>(),
        };

        // A stream's first event names its user.
        async Task<TFirst?> First<TEvent, TFirst>(UnionCodec<TEvent> events)
            where TEvent : class
            where TFirst : class, TEvent
        {
            var first = (await journal.Read(happened.Stream, 0, 1, CancellationToken.None)).SelectMany(RowCodec.Decode).SelectMany(static entry => entry.Events);
            return first.Select(stored => events.Decode(stored.Name, stored.Version, stored.Payload, null)).OfType<TFirst>().FirstOrDefault();
        }
    }
}
