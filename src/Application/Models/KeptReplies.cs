using System.Buffers;
using System.Text.Json;
using Agora.Application.Calls;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Cached;
using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Models;
using Agora.Models.Dialects;

namespace Agora.Application.Models;

/// <summary>Replies that are kept, each by the id of its run: read again by the same agent of the same user, from any session, and gone on from.</summary>
internal sealed class KeptReplies(IEntities entities, PersonalLog log, LiveReplies live, TimeProvider time)
{
    /// <summary>Responses that one request goes on from, one through the other.</summary>
    private const int MostBefore = 100;

    /// <summary>One that goes on is looked at so often.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>Of so many looks that find nothing new, one asks whether anybody makes it any more.</summary>
    private const int LooksQuiet = 5;

    private static readonly Responses Dialect = new();

    /// <summary>Parts are said as they come.</summary>
    /// <param name="asked">The request as OpenAI's Responses have it.</param>
    public async Task<KeepingReply> Begin(ModelCaller call, Guid runId, DateTimeOffset at, string model, ReadOnlyMemory<byte> asked)
    {
        var session = await SessionOf(call);
        var entity = entities.In(call.Tenant).Response(OwnedIds.Of(runId, session.UserId));
        await Sent(entity, Begun(session, at, model, asked, whole: null), call);
        return new(entity, () => call.Fresh(), live, time);
    }

    /// <summary>One that is whole.</summary>
    /// <param name="cachedAs">The id of the cache entry that has the same reply; null if none has it.</param>
    public async Task Keep(ModelCaller call, Guid runId, DateTimeOffset at, ModelRequest request, ModelReply reply, string? cachedAs)
    {
        var session = await SessionOf(call);
        await Sent(entities.In(call.Tenant).Response(OwnedIds.Of(runId, session.UserId)), Begun(session, at, request.Model, call.Sent, ModelEvents.Write(ReplyEvents.Of(reply)), cachedAs), call);
    }

    /// <summary>Null: there is none, or it is another's.</summary>
    public async Task<KeptReply?> Find(ModelCaller call, string id)
    {
        if (!Guid.TryParseExact(id.StartsWith(Responses.IdPrefix, StringComparison.Ordinal) ? id[Responses.IdPrefix.Length..] : "", "N", out var runId))
        {
            return null;
        }

        return await call.Peek() is { } session ? await Find(call, session, runId) : null;
    }

    /// <summary>The same of a run.</summary>
    public Task<KeptReply?> Find(ModelCaller call, SessionView session, Guid runId) => Find(call.Tenant, session.UserId, SessionPaths.Agents(session), runId, call.Cancel);

    /// <param name="who">The agents on the path of the session that asked, as <see cref="SessionPaths.Agents"/> has them.</param>
    public async Task<KeptReply?> Find(Tenant tenant, string userId, string who, Guid runId, CancellationToken cancel)
    {
        // A stranger's id brings nothing to life: what was never begun has no row.
        var stream = tenant.Response(OwnedIds.Of(runId, userId));
        return await Own(stream, who, cancel) is [{ Happened: ResponseEvent.Begun { Asked: { } asked } begun }, ..] events && !IsDeleted(events) ? new(stream, runId, begun.SessionId, Dialect.Read(asked.Utf8), events) : null;
    }

    /// <summary>How one ended that was deleted, of which nothing else is shown: one that was being made, as if it was stopped.</summary>
    /// <returns>Null: it was not deleted.</returns>
    public async Task<ResponseEvent.Ended?> Deleted(ModelCaller call, SessionView session, Guid runId)
    {
        var events = await Own(call.Tenant.Response(OwnedIds.Of(runId, session.UserId)), SessionPaths.Agents(session), CancellationToken.None);
        return IsDeleted(events) ? KeptReply.EndOf(events) ?? new(Codes.RunCancelled) : null;
    }

    private static bool IsDeleted(IReadOnlyList<Logged<ResponseEvent>> events) => events.Any(static e => e.Happened is ResponseEvent.Deleted);

    /// <returns>Empty: there is none, or it is another's.</returns>
    private async Task<IReadOnlyList<Logged<ResponseEvent>>> Own(StreamId stream, string who, CancellationToken cancel) =>
        await log.Whole(ResponseEntity.Entity, stream, cancel) is [{ Happened: ResponseEvent.Begun begun }, ..] events && begun.AgentId == who ? events : [];

    /// <summary>What a person reads of a reply, as far as it is there; null: nothing of it is kept.</summary>
    /// <param name="who">As of <see cref="Find(Tenant, string, string, Guid, CancellationToken)"/>.</param>
    public async Task<string?> TextOf(Tenant tenant, string userId, string who, Guid runId, CancellationToken cancel) => await Find(tenant, userId, who, runId, cancel) is { } kept ? ReplyTexts.Of(kept.Reply()) : null;

    /// <summary>The same of a session's.</summary>
    public Task<string?> TextOf(ModelCaller call, SessionView session, Guid runId) => TextOf(call.Tenant, session.UserId, SessionPaths.Agents(session), runId, call.Cancel);

    /// <summary>What the model is to see before what is asked now: all of the responses that it goes on from, the first first.</summary>
    /// <param name="place">Of whoever asks: it grows by them.</param>
    /// <returns>Null: one of them is not there. No room: nothing of them is kept.</returns>
    public async Task<Context?> Before(ModelCaller call, string responseId, CallPlaces.Place place)
    {
        var (chain, bytes) = (new List<IEnumerable<Item>>(), 0L);
        for (string? next = responseId; next is not null;)
        {
            if (chain.Count == MostBefore || await Find(call, next) is not { IsWhole: true } kept) return null;

            bytes += kept.Bytes;
            if (call.SentBytes + bytes > Limits.ModelRequestBytes) return null;
            if (!place.Grow(kept.Bytes)) return Context.NoRoom;

            chain.Add([.. kept.OwnInput, .. kept.Reply().Output]);
            next = kept.Request.PreviousResponseId;
        }

        chain.Reverse();
        return new([.. chain.SelectMany(static items => items)], bytes);
    }

    /// <summary>What a request goes on from.</summary>
    public sealed record Context(IReadOnlyList<Item> Items, long Bytes)
    {
        public static Context NoRoom { get; } = new([], 0);
    }

    /// <summary>What follows a place, as it is said, and nothing where it is looked at in vain; it ends with the reply, or where nobody makes it any more.</summary>
    public async IAsyncEnumerable<IReadOnlyList<ModelEvent>> Follow(ModelCaller call, KeptReply kept, Func<Task<Making>> making)
    {
        using var follower = live.Follow(kept.Stream);
        var (parts, seq, quiet) = (0, 0L, 0);
        for (var events = kept.Events; ; )
        {
            foreach (var (at, _, happened) in events)
            {
                seq = at;
                if (happened is ResponseEvent.Said { Part: { } said } part && part.Number == parts)
                {
                    parts++;
                    yield return ModelEvents.Read(said.Utf8.Span);
                }

                if (happened is ResponseEvent.Ended or ResponseEvent.Deleted) yield break;
            }

            if (call.Cancel.IsCancellationRequested) yield break;

            quiet = events.Count == 0 ? quiet + 1 : 0;
            if (quiet % LooksQuiet == 1 && await IsOver(call, kept, await making())) yield break;
            if (quiet > 0)
            {
                yield return [];
            }

            var more = follower.More;
            events = await log.Read(ResponseEntity.Entity, kept.Stream, seq, CancellationToken.None);
            if (events.Count > 0) continue;

            await Task.WhenAny(more, Task.Delay(LookAgain, time, CancellationToken.None));
            events = await log.Read(ResponseEntity.Entity, kept.Stream, seq, CancellationToken.None);
        }
    }

    /// <summary>
    /// Where nobody makes it any more that is written, so that it is said the same to everybody from now on. All that was said was durable before the call was paid: so one that was paid as one that was not cut off, and has its last
    /// event, is whole, though whoever made it went before it could write that.
    /// </summary>
    /// <returns>False: it goes on.</returns>
    public async Task<bool> IsOver(ModelCaller call, KeptReply kept, Making making)
    {
        if (making == Making.UnderWay) return false;

        var isWhole = making != Making.Failed && (kept with { Events = await log.Whole(ResponseEntity.Entity, kept.Stream, CancellationToken.None) }).Reply() is { Finish: not null, Fault: null };
        if (making == Making.Paid && !isWhole) return false;

        await entities.In(call.Tenant).Response(kept.Stream.Id).Send(new ResponseCommand.End(isWhole ? null : Codes.UpstreamTimeout), call.Fresh());
        return true;
    }

    /// <summary>Nothing more of it is kept or shown, whoever makes it. One that has ended stays as it is.</summary>
    public async Task Cancel(ModelCaller call, KeptReply kept) => await entities.In(call.Tenant).Response(kept.Stream.Id).Send(new ResponseCommand.End(Codes.RunCancelled), call.Fresh());

    /// <summary>Deletes the response and the cache entry with the same reply. The entry goes first: if the deletion is interrupted, its repeat still finds the response and drops the entry.</summary>
    public async Task Delete(ModelCaller call, KeptReply kept)
    {
        if (kept.CachedAs is { } cached)
        {
            await entities.In(call.Tenant).Cached(cached).Send(new CachedCommand.Release(kept.RunId, Filled: true), call.Fresh());
        }

        await entities.In(call.Tenant).Response(kept.Stream.Id).Send(new ResponseCommand.Delete(), call.Fresh());
    }

    /// <summary>Those of something else of ours, which is deleted. One that was never begun, or was deleted before, stays as it is.</summary>
    public async Task Delete(ModelCaller call, SessionView session, IEnumerable<Guid> runs)
    {
        foreach (var run in runs) await entities.In(call.Tenant).Response(OwnedIds.Of(run, session.UserId)).Send(new ResponseCommand.Delete(), call.Fresh());
    }

    private static async Task<SessionView> SessionOf(ModelCaller call) => (await call.Peek())!;

    private static ResponseCommand.Begin Begun(SessionView session, DateTimeOffset at, string model, ReadOnlyMemory<byte> asked, byte[]? whole, string? cachedAs = null) =>
        new(session.SessionId, SessionPaths.Agents(session), model, at, new(asked.ToArray()), whole is null ? null : new(whole), cachedAs);

    private static async Task Sent(EntityRef<ResponseCommand> entity, ResponseCommand command, ModelCaller call)
    {
        if ((await entity.Send(command, call.Fresh())).Rejection is { } refused) throw new InvalidOperationException(refused.Message);
    }
}

/// <summary>How whoever makes a reply stands.</summary>
internal enum Making
{
    /// <summary>The model is being called.</summary>
    UnderWay = 1,

    /// <summary>The call is paid, and was not cut off; the end of the reply is being written, or whoever was to write it is gone.</summary>
    Paid = 2,

    /// <summary>So long ago that nobody will write it any more.</summary>
    PaidBefore = 3,

    /// <summary>Nobody makes it any more, and what was said was not all.</summary>
    Failed = 4,
}

/// <summary>A reply that is kept as it comes: what a client is shown is durable before.</summary>
internal sealed class KeepingReply(EntityRef<ResponseCommand> entity, Func<CommandContext> fresh, LiveReplies live, TimeProvider time)
{
    /// <summary>A store that is away is waited for so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private int _parts;

    /// <summary>It was cancelled: what is said now is not kept.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>There is no reply, and this is why.</summary>
    public async Task Failed(ProviderFault fault)
    {
        await Say([new ModelEvent.Failed(fault)]);
        await End(Codes.UpstreamFailed);
    }

    /// <exception cref="OperatingException">The store is away.</exception>
    public async Task Say(IReadOnlyList<ModelEvent> said)
    {
        await Sent(new ResponseCommand.Say(_parts, new(ModelEvents.Write(said))));
        _parts++;
    }

    /// <summary>What it was to belong to does not take it.</summary>
    /// <exception cref="OperatingException">The store is away.</exception>
    public Task Delete() => Sent(new ResponseCommand.Delete());

    /// <param name="failureCode">Null: it is whole.</param>
    /// <exception cref="OperatingException">The store is away.</exception>
    public Task End(string? failureCode) => Sent(new ResponseCommand.End(failureCode));

    private async Task Sent(ResponseCommand command)
    {
        for (var started = time.GetTimestamp(); ;)
        {
            try
            {
                IsCancelled |= (await entity.Send(command, fresh())).Rejection?.Code == ResponseRejection.IsOver.Code;
                live.More(entity.Stream);
                return;
            }
            catch (OperatingException) when (time.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300), time);
            }
        }
    }
}

/// <summary>A reply as it was read.</summary>
internal sealed record KeptReply(StreamId Stream, Guid RunId, string SessionId, ModelRequest Request, IReadOnlyList<Logged<ResponseEvent>> Events)
{
    /// <summary>How it ended; null: it goes on, or whoever made it is gone.</summary>
    public ResponseEvent.Ended? Ended => EndOf(Events);

    public static ResponseEvent.Ended? EndOf(IReadOnlyList<Logged<ResponseEvent>> events) => events.Select(static e => e.Happened).OfType<ResponseEvent.Ended>().FirstOrDefault();

    /// <summary>Of what was asked and said.</summary>
    public long Bytes => Events.Sum(e => e.Happened switch
    {
        ResponseEvent.Begun { Asked: { } asked } => asked.Utf8.Length,
        ResponseEvent.Said { Part: { } part } => part.Utf8.Length,
        _ => 0L,
    });

    public bool IsWhole => Ended is { FailureCode: null };

    public DateTimeOffset CreatedAt => ((ResponseEvent.Begun)Events[0].Happened).CreatedAt;

    public string? CachedAs => ((ResponseEvent.Begun)Events[0].Happened).CachedAs;

    public ReplyHead Head => new(RunId.ToString("N"), Request.Model, CreatedAt);

    /// <summary>What is kept as the request of a reply that belongs to something else of ours, in the form of OpenAI's Responses.</summary>
    /// <param name="owner">What it belongs to, by the name of its id.</param>
    public static ReadOnlyMemory<byte> AskedFor(string model, string input, (string Name, string Id) owner)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteString("input", input);
            json.WriteBoolean("background", true);
            json.WriteBoolean("stream", true);
            json.WriteBoolean("store", true);
            json.WriteStartObject("metadata");
            json.WriteString(owner.Name, owner.Id);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return body.WrittenMemory;
    }

    /// <summary>Without its instructions: they are said anew with each request.</summary>
    public IEnumerable<Item> OwnInput => OwnInputOf(Request);

    public static IEnumerable<Item> OwnInputOf(ModelRequest request) =>
        request.Echo.GetValueOrDefault("instructions") is { } said && said != "null" && request.Items is [Item.Message { Role: Role.System }, ..] ? request.Items.Skip(1) : request.Items;

    public ModelReply Reply()
    {
        var reply = ReplyBuilder.Of(Events.Select(e => e.Happened).OfType<ResponseEvent.Said>().Where(e => e.Part is not null).SelectMany(e => ModelEvents.Read(e.Part!.Utf8.Span)));
        return Ended is { FailureCode: Codes.RunCancelled } ? reply with { Finish = Finish.Cancelled, Fault = null }
            : Ended is { FailureCode: not null } && reply.Fault is null ? reply with { Fault = Cut } : reply;
    }

    /// <summary>How one ends for whoever hears it while it is deleted: as if it was cancelled.</summary>
    public static ModelReply Deleted { get; } = ReplyBuilder.Of([]) with { Finish = Finish.Cancelled, Fault = null };

    /// <summary>What is said of one that is no whole reply.</summary>
    public static ProviderFault Cut { get; } = new(FaultKind.Failed, "The reply was cut off before its end: what stands here is all of it.");
}
