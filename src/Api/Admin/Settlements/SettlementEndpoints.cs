using System.Text.Json.Nodes;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Journal;
using Agora.Web;
using Agora.Web.Lists;
using Agora.X402;

namespace Agora.Api.Admin.Settlements;

/// <summary>Payments by x402 that were to be moved, of all payers; of those whose end nobody knows an operator says how they ended, who has looked at the chain.</summary>
internal sealed class SettlementEndpoints(IEntities entities, TableReader tables, OperatorLists lists, IPersonalTexts texts, ApiOptions options) : IFeature
{
    public static readonly Operation<ListRequest> List = new(Audience.Operators, "list_settlements", "GET /admin/settlements", "Payments by x402 whose settlement was begun, newest first; state=unresolved: nobody knows whether they were paid")
    {
        Read = static call => ListRequest.Read(call, static filters => filters
            .Id("run_id", "Only of this run.").Id("session_id", "Only of this session.").WalletId("wallet_id", "Only of this payer, by its wallet: x402:{network}:{address}.")
            .OneOf("state", "Only those that stand so.", SettlementData.States).Times("begun_at").Amounts("amount_micros")),
        IsList = true,
        Data = typeof(SettlementsData),
        DataExample = $$"""{"settlements":[{{SettlementData.Example}}],"facilitator":"https://facilitator.example/","total_count":1,"total_count_unknown":null,"limit":50,"has_more":false,"next_cursor":null,"empty_because":null}""",
    };

    public static readonly Operation<HandSettlement> Settle = new(
        Audience.Operators, "settle_by_hand", "POST /admin/settlements/{run_id}/settle", "Say that a payment by x402 was paid, or was not, after looking at the chain; said once, it stands")
    {
        ListOnNotFound = static _ => List.Name,
        Read = HandSettlement.Read,
        Data = typeof(SettlementData),
        Codes = [.. AdminFlow.Mutation, Codes.RunDecided],
        BodyExample = """{"outcome":"not_paid","reason":"The nonce is unused on the chain, and the authorization is over"}""",
        DataExample = SettlementData.Example.Replace("unresolved", "refused", StringComparison.Ordinal).Replace("\"by_hand\":false", "\"by_hand\":true", StringComparison.Ordinal)
            .Replace("\"reason\":null", $"\"reason\":\"{WalletState.NotPaid}\"", StringComparison.Ordinal).Replace("\"ended_at\":null", "\"ended_at\":\"2030-01-02T00:00:00.000000Z\"", StringComparison.Ordinal),
    };

    private static readonly Rejection NotFound = new(Codes.NotFound, "No payment by x402 of such a run was to be settled.");

    public void Map(Routes routes) => routes.Map(List, ListSettlements).Map(Settle, SettleByHand);

    private Task<Reply> ListSettlements(OperatorCall call, ListRequest asked) => lists.Answer(
        call,
        List,
        asked,
        new ListSource<SettlementData>(new ListTable(SettlementTables.Settlements, "begun_at", "run_id", "session_id", "wallet_id", "state"), Shown, ListReasons.NoSettlements),
        settlements => new SettlementsData(settlements, options.Facilitator?.ToString()));

    private async Task<Reply> SettleByHand(OperatorCall call, HandSettlement said)
    {
        var own = tables.In(call.Tenant);
        if (await Find(own, said.RunId, call.Cancel) is not { } row) return Reply.Refused(NotFound);

        if (await Other(own, row, said, call.Cancel) is { } other) return Reply.Refused(Taken(other));

        if (await own.One(UserTables.Sessions, call.Cancel, TableReader.Is("session_id", row.Text("session_id"))) is { } session)
        {
            await call.SaidOf(session.Text("user_id"), said.Reason, texts);
        }

        var answer = await entities.In(call.Tenant).Wallet(row.Text("wallet_id")).Send(new WalletCommand.SettleByHand(Guid.ParseExact(row.Text("hold_id"), "D"), said.TxHash), call.Context);
        return answer.Rejection is { } rejection && !(rejection.Code == Codes.NotFound && IsAs(row, said))
            ? Reply.Refused(rejection.Code == Codes.NotFound && row.OptionalNumber("ended_at") is not null ? Decided(row) : rejection)
            : Reply.Ok((await Shown(own, [(await Find(own, said.RunId, call.Cancel))!.Value], call.Cancel))[0]);
    }

    /// <summary>The payer's wallet remembers a payment that has its end for about a day; the row stays.</summary>
    private static bool IsAs(NamedRow row, HandSettlement said) => said.TxHash is { } transaction
        ? row.OptionalText("tx_hash") is { } known && EvmText.IsSame(known, transaction)
        : row.Text("state") == IncomingStanding.Refused.Name();

    private static Rejection Decided(NamedRow row) => WalletRejection.PaymentDecided(Guid.ParseExact(row.Text("run_id"), "D"), row.Text("state"), row.OptionalText("tx_hash"));

    private static Rejection Taken(NamedRow row) => WalletRejection.TransactionOfAnother(Guid.ParseExact(row.Text("run_id"), "D"), row.Text("state"), row.Text("tx_hash"));

    /// <summary>The payment that this transaction has moved, long ago too; of two that are said at once the payer's wallet knows.</summary>
    private static async Task<NamedRow?> Other(TenantTables own, NamedRow row, HandSettlement said, CancellationToken cancel) => said.TxHash is { } transaction && row.OptionalNumber("ended_at") is null
        ? await own.One(SettlementTables.Settlements, cancel, TableReader.Is("wallet_id", row.Text("wallet_id")), TableReader.Is("tx_hash", transaction), new("run_id", Comparison.NotEqual, said.RunId))
        : null;

    private static Task<NamedRow?> Find(TenantTables own, string runId, CancellationToken cancel) => own.One(SettlementTables.Settlements, cancel, TableReader.Is("run_id", runId));

    /// <summary>Whose they are stands in the rows of their sessions.</summary>
    private static async Task<IReadOnlyList<SettlementData>> Shown(TenantTables own, IReadOnlyList<NamedRow> rows, CancellationToken cancel)
    {
        string[] ids = [.. rows.Select(row => row.Text("session_id")).Distinct(StringComparer.Ordinal)];
        if (ids.Length == 0) return [];

        var sessions = await own.First(UserTables.Sessions, [], [new("session_id", Comparison.AnyOf, ids)], ids.Length, cancel);
        var known = sessions.ToDictionary(session => session.Text("session_id"), StringComparer.Ordinal);
        return [.. rows.Select(row => SettlementData.Of(row, known.TryGetValue(row.Text("session_id"), out var session) ? session : null))];
    }
}

/// <summary>What an operator says of a payment.</summary>
/// <param name="TxHash">Null: it was not paid.</param>
internal sealed record HandSettlement(string RunId, string? TxHash, string Reason)
{
    private const string Paid = "paid";

    public static HandSettlement Read(Call call)
    {
        var (id, outcome) = (call.Id("run_id"), call.Body.OneOf("outcome", "What the chain says: paid, with the transaction; not_paid, once the authorization is over.", [Paid, "not_paid"], required: true));
        var hash = call.Body.Formatted("tx_hash", "Of paid: the transaction that moved it.", Limits.TxHashLength, EvmText.IsTransaction, "0x and 64 hexadecimal digits.", required: false, pattern: "^0x[0-9A-Fa-f]{64}$");
        call.Body.Rule(static schema => schema["oneOf"] = JsonNode.Parse(
            """[{"properties":{"outcome":{"const":"paid"},"tx_hash":true},"required":["outcome","tx_hash"]},{"properties":{"outcome":{"const":"not_paid"},"tx_hash":false},"required":["outcome"]}]"""));
        if (outcome == Paid && !call.Body.IsPresent("tx_hash"))
        {
            call.Body.Violate("tx_hash", "required", "Name the transaction that paid it.");
        }
        else if (outcome is not (null or Paid) && call.Body.IsPresent("tx_hash"))
        {
            call.Body.Violate("tx_hash", "not", "What was not paid has no transaction.");
        }

        return new(id, hash?.ToLowerInvariant(), AdminFlow.Reason(call));
    }
}
