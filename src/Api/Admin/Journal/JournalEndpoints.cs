using System.Globalization;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Journal;

/// <summary>What happened to one thing, event by event, and how it stood after any of them: straight from the journal, by which all is decided.</summary>
internal sealed class JournalEndpoints(IRecordedStates recorded) : IFeature
{
    private const string UntrustedPayload = "data.events[].payload";

    public static readonly Operation<JournalAsked> List = new(Audience.Operators, "list_events_of", "GET /admin/journal/{kind}/{entity_id}", "What happened to a user, session, campaign, wallet or any other thing, event by event, newest first")
    {
        Least = Role.Operator,
        Read = JournalAsked.Read,
        Data = typeof(JournalData),
        Codes = [Codes.NotFound],
        DataExample = $$"""{"kind":"user","entity_id":"user-1","last_sequence":2,"events":[{{JournalEventData.Example}}],"has_more":true,"next_cursor":"2"}""",
    };

    public static readonly Operation<(string Kind, string Id, string Sequence)> Get = new(Audience.Operators, "get_state_at", "GET /admin/journal/{kind}/{entity_id}/{sequence}", "What was decided in a row of the journal, and how the thing stood after it")
    {
        Least = Role.Operator,
        Read = static call => (call.Id("kind"), call.Id("entity_id"), call.Id("sequence")),
        Data = typeof(StateAtData),
        Codes = [Codes.NotFound],
        DataExample = $$$"""{"kind":"user","entity_id":"user-1","sequence":2,"last_sequence":2,"decided":[{{{JournalEventData.Example}}}],"state":{"exists":true},"state_unknown":null,"links":{"before":"/admin/journal/user/user-1/1","all":"/admin/journal/user/user-1"}}""",
    };

    private static readonly Rejection NotFound = new(Codes.NotFound, "Nothing ever happened to a thing of this kind and id.");
    private static readonly Rejection NoSuchRow = new(Codes.NotFound, "The journal of this thing has no row of this number.");

    public void Map(Routes routes) => routes.Map(List, ListEvents).Map(Get, GetState);

    private async Task<Reply> ListEvents(OperatorCall call, JournalAsked asked)
    {
        var (stream, last) = await Find(call, asked.Kind, asked.Id);
        if (last == 0) return Reply.Refused(NotFound);

        var rows = await recorded.Rows(stream, asked.Below ?? last + 1, asked.Limit, call.Cancel);
        var next = rows is [.., { Seq: > 1 } oldest] ? oldest.Seq.ToString(CultureInfo.InvariantCulture) : null;
        return Reply.Ok(new JournalData(asked.Kind, asked.Id, last, [.. rows.SelectMany(JournalEventData.Of)], next is not null, next)) with { UntrustedFields = [UntrustedPayload] };
    }

    private async Task<Reply> GetState(OperatorCall call, (string Kind, string Id, string Sequence) asked)
    {
        var (stream, last) = await Find(call, asked.Kind, asked.Id);
        if (last == 0) return Reply.Refused(NotFound);
        if (!long.TryParse(asked.Sequence, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) || await recorded.Rows(stream, Math.Min(seq, last) + 1, 1, call.Cancel) is not [var row] || row.Seq != seq)
        {
            return Reply.Refused(NoSuchRow);
        }

        var state = await recorded.At(stream, seq, call.Cancel);
        return Reply.Ok(new StateAtData(
            asked.Kind,
            asked.Id,
            seq,
            last,
            [.. JournalEventData.Of(row).Take(Limits.RowEvents)],
            state is null ? null : Hidden.In(state.Saved()),
            state is null ? call.Said($"More than {Limits.StateRows} rows would have to be read, or the first of them are archived.") : null,
            Links.Of(("before", seq > 1 ? At(seq - 1) : null), ("after", seq < last ? At(seq + 1) : null), ("all", $"/admin/journal/{asked.Kind}/{asked.Id}")))) with { UntrustedFields = ["data.decided[].payload", "data.state"] };

        string At(long seq) => string.Create(CultureInfo.InvariantCulture, $"/admin/journal/{asked.Kind}/{asked.Id}/{seq}");
    }

    /// <returns>With the number of its last row; 0: nothing ever happened there.</returns>
    private async Task<(StreamId Stream, long Last)> Find(OperatorCall call, string kind, string id)
    {
        var stream = new StreamId(call.Tenant.Name, kind, id);
        var isSeen = kind != Kinds.Person || call.Actor.Roles.Include(Role.Admin); // as its own route has it
        return (stream, Manifest.Find(kind) is null || !isSeen ? 0 : await recorded.Last(stream, call.Cancel));
    }
}

/// <param name="Below">Only rows below this number; null: from the last.</param>
internal sealed record JournalAsked(string Kind, string Id, long? Below, int Limit)
{
    public static JournalAsked Read(Call call)
    {
        var (kind, id, cursor) = (call.Id("kind"), call.Id("entity_id"), call.Query.Cursor());
        if (cursor is null) return new(kind, id, null, call.Query.Limit());

        if (!long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var below) || below < 1)
        {
            call.Query.Violate("cursor", "format", "It is next_cursor of the reply before.");
        }

        return new(kind, id, below, call.Query.Limit());
    }
}

/// <param name="LastSequence">Of the thing's newest row.</param>
internal sealed record JournalData(string Kind, string EntityId, long LastSequence, IReadOnlyList<JournalEventData> Events, bool HasMore, string? NextCursor);

/// <param name="Decided">The last first.</param>
/// <param name="StateUnknown">Null: it is known.</param>
internal sealed record StateAtData(
    string Kind, string EntityId, long Sequence, long LastSequence, IReadOnlyList<JournalEventData> Decided, RawJson? State, string? StateUnknown, IReadOnlyDictionary<string, string> Links);

/// <param name="Event">Its stored name, which never changes.</param>
/// <param name="Actor">Who asked for it; null: no operator, or it is not kept.</param>
/// <param name="Personal">It has a part that is sealed with somebody's key, and not shown.</param>
internal sealed record JournalEventData(long Sequence, DateTimeOffset At, string Event, int Version, string CommandId, string? Actor, string? Operation, bool Personal, RawJson Payload)
{
    public const string Example =
        """{"sequence":2,"at":"2030-01-01T00:00:00.000000Z","event":"user.hold_reserved","version":1,"command_id":"0198c0de-0000-7000-8000-000000000000","actor":null,"operation":null,"personal":false,"payload":{"amount_micros":20000}}""";

    /// <summary>The last of a row first.</summary>
    public static IEnumerable<JournalEventData> Of(JournalRow row) => RowCodec.Decode(row).Reverse().SelectMany(entry => entry.Events.Reverse().Select(stored => Of(row.Seq, entry, stored)));

    private static JournalEventData Of(long seq, JournalEntry entry, StoredEvent stored)
    {
        var by = Causes.ActOf(entry);
        return new(seq, Timestamps.FromMicros(entry.AtMicros), stored.Name, stored.Version, entry.CommandId.ToString("D"), by?.Actor, by?.Act.Operation, stored.KeyId is not null, Hidden.In(stored.Payload));
    }
}
