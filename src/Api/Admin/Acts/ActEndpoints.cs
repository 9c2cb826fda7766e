using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Acts;

/// <summary>What operators did: each request of theirs that changed something. The row says which journal row it stands in; why and from where is read there.</summary>
internal sealed class ActEndpoints(OperatorLists lists, IJournalReader journal, IPersonalTexts texts) : IFeature
{
    public static readonly Operation<ListRequest> List = new(Audience.Operators, "list_acts", "GET /admin/acts", "What operators did, why and from where, newest first")
    {
        Read = static call => ListRequest.Read(call, static filters => filters
            .Text("actor", "Only of this operator's key: operator:NAME.").Text("operation", "Only this operation, such as stop_agent.")
            .WalletId("target_id", "Only about this user, agent, service, campaign, session, run, payment or wallet: the first id of the request's path.")
            .Id("part_id", "Only about this part of it: the second id of the path.").Times("at")),
        IsList = true,
        Data = typeof(ActsData),
        DataExample = $$"""{"acts":[{{ActData.Example}}],"total_count":1,"total_count_unknown":null,"limit":50,"has_more":false,"next_cursor":null,"empty_because":null}""",
    };

    public void Map(Routes routes) => routes.Map(List, ListActs);

    private Task<Reply> ListActs(OperatorCall call, ListRequest asked) => lists.Answer(
        call,
        List,
        asked,
        new ListSource<ActData>(new ListTable(ActTables.Acts, "at", "part_id", "target_id", "actor", "operation"), (_, rows, _) => Shown(call, rows), ListReasons.NoActs),
        acts => new ActsData(acts));

    private async Task<IReadOnlyList<ActData>> Shown(OperatorCall call, IReadOnlyList<NamedRow> rows)
    {
        var shown = new List<ActData>(rows.Count);
        foreach (var row in rows)
        {
            var act = await journal.Act(row.Stream, row.Seq, Guid.ParseExact(row.Text("act_id"), "D"), call.Cancel);
            shown.Add(ActData.Of(row, act, await texts.Open(call.Tenant, act?.Reason, call.Cancel)));
        }

        return shown;
    }
}

internal sealed record ActsData(IReadOnlyList<ActData> Acts) : ListData;

/// <param name="TargetId">The first id of the request's path; <paramref name="PartId"/> the second.</param>
/// <param name="Reason">Null: none was given, or its user's personal data were erased.</param>
/// <param name="Address">Whose request it was; behind a proxy that is trusted, whom that says.</param>
/// <param name="RequestId">As the reply and the log had it.</param>
internal sealed record ActData(string ActId, DateTimeOffset At, string Actor, string Operation, string? TargetId, string? PartId, string? Reason, string? Address, string? RequestId, IReadOnlyList<ActChangeData> Changes)
{
    public const string Example =
        """{"act_id":"0198c0de-0000-7000-8000-000000000000","at":"2030-01-01T00:00:00.000000Z","actor":"operator:root","operation":"patch_user","target_id":"user-1","part_id":null,"reason":null,"address":"203.0.113.7","request_id":"0198c0de","changes":[{"member":"daily_cap_cents","from_cents":300,"to_cents":500}]}""";

    public static ActData Of(NamedRow row, Act? act, string? reason) => new(
        row.Text("act_id"), row.Time("at"), row.Text("actor"), row.Text("operation"), row.OptionalText("target_id"), row.OptionalText("part_id"), string.IsNullOrEmpty(reason) ? null : reason, act?.Address, act?.RequestId,
        [.. (act?.Changes ?? []).Select(change => new ActChangeData(change.Member, Cents.Of(change.FromMicros), Cents.Of(change.ToMicros)))]);
}

/// <summary>A member that the request named.</summary>
internal sealed record ActChangeData(string Member, Cents? FromCents, Cents? ToCents);
