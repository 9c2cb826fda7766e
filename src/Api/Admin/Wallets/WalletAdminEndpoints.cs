using Agora.Api.Wallets;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Wallets;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Wallets;

/// <summary>Wallets: money in and out, statements, and whether all of it adds up.</summary>
internal sealed class WalletAdminEndpoints(IEntities entities, TableReader tables, WalletStatements statements, Ledger ledger) : IFeature
{
    private static readonly Rejection NotFound = new(Codes.NotFound, "There is no such wallet: nothing has happened to it.");
    private static readonly Rejection NotTheWorld = new(Codes.NotFound, "The world is no wallet: it has no statement, and nothing is paid into it or out of it by itself.");

    public static readonly Operation<MovementRequest> Deposit = new(Audience.Operators, "deposit", "POST /admin/wallets/{wallet_id}/deposit", "Money enters a wallet from the world")
    {
        Least = Role.Admin,
        Read = static call => MovementRequest.Read(call, "What enters."),
        Data = typeof(WalletData),
        RequiresKey = true,
        Codes = AdminFlow.Mutation,
        BodyExample = """{"amount_cents":100,"memo":"top-up"}""",
        DataExample = WalletData.Example,
    };

    public static readonly Operation<MovementRequest> Withdraw = new(Audience.Operators, "withdraw", "POST /admin/wallets/{wallet_id}/withdraw", "Money leaves a wallet to the world, of what is not held")
    {
        Least = Role.Admin,
        Read = static call => MovementRequest.Read(call, "What leaves."),
        Data = typeof(WalletData),
        RequiresKey = true,
        Codes = [.. AdminFlow.Mutation, Codes.PaymentRequired],
        BodyExample = """{"amount_cents":100,"memo":"payout"}""",
        DataExample = WalletData.Example,
    };

    public static readonly Operation<string> Get = new(Audience.Operators, "get_wallet_of", "GET /admin/wallets/{wallet_id}", "A wallet as it is now; world is where all money comes from and goes to")
    {
        Read = static call => call.Id("wallet_id"),
        Data = typeof(WalletData),
        Codes = [Codes.NotFound],
        DataExample = WalletData.Example,
    };

    public static readonly Operation<Page> List = new(Audience.Operators, "list_wallets", "GET /admin/wallets", "List wallets and their books")
    {
        ListsIds = ["wallet_id"],
        Read = static call => call.Query.Page(),
        Data = typeof(WalletsData),
        DataExample = $$"""{"wallets":[{{WalletBookData.Example}}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    public static readonly Operation<(string WalletId, StatementFilter Filter)> Entries = new(Audience.Operators, "wallet_statement_of", "GET /admin/wallets/{wallet_id}/statement", "What came into a wallet and went out of it, newest first; Accept: text/csv gives CSV")
    {
        HasCsv = true,
        Read = static call => (call.Id("wallet_id"), StatementFilter.Read(call)),
        Data = typeof(StatementData),
        Codes = [Codes.NotFound],
        DataExample = StatementData.Example,
    };

    public static readonly Operation<NoFields> TrialBalance = new(Audience.Operators, "trial_balance", "GET /admin/ledger/trial-balance", "All funds and what is in transit, of one moment: their sum is 0")
    {
        Read = NoFields.Read,
        Data = typeof(TrialBalanceData),
        DataExample = """{"funds_cents":-25,"in_transit_cents":25,"sum_cents":0}""",
    };

    public void Map(Routes routes) =>
        routes.Map(Deposit, DepositMoney).Map(Withdraw, WithdrawMoney).Map(Get, GetWallet).Map(List, ListWallets).Map(Entries, WalletStatement).Map(TrialBalance, GetTrialBalance);

    private Task<Reply> DepositMoney(OperatorCall call, MovementRequest request) => Move(call, request, new WalletCommand.Deposit(request.AmountMicros, request.Memo));

    private Task<Reply> WithdrawMoney(OperatorCall call, MovementRequest request) => Move(call, request, new WalletCommand.Withdraw(request.AmountMicros, request.Memo));

    private async Task<Reply> GetWallet(OperatorCall call, string walletId) =>
        walletId == WalletIds.World ? Reply.Ok(await ledger.World(call.Tenant, call.Cancel))
        : await Find(call, walletId) is { } view ? Reply.Ok(WalletData.Of(view) with { Links = await LinksOf(call, walletId) })
        : Reply.Refused(NotFound);

    private async Task<IReadOnlyDictionary<string, string>> LinksOf(OperatorCall call, string walletId) => Links.Of(
        ("statement", $"/admin/wallets/{walletId}/statement"), ("payments", $"/admin/payments?provider={walletId}"),
        ("agent", WalletIds.AgentOf(walletId) is { } agentId ? await Links.ToAgent(tables.In(call.Tenant), agentId, call.Cancel) : null), Links.Acts(walletId));

    private Task<Reply> ListWallets(OperatorCall call, Page page) => AdminFlow.Listed(
        call,
        page,
        tables,
        FundTables.Funds,
        "fund_id",
        WalletBookData.Of,
        (wallets, total) => new WalletsData(wallets, total.Number, total.Unknown(call.Words), page.Offset, page.Limit),
        TableReader.Is("kind", Kinds.Wallet));

    private async Task<Reply> WalletStatement(OperatorCall call, (string WalletId, StatementFilter Filter) asked) =>
        asked.WalletId == WalletIds.World ? Reply.Refused(NotTheWorld)
        : await Find(call, asked.WalletId) is null ? Reply.Refused(NotFound)
        : StatementData.Reply(call, await statements.Read(call.Tenant, asked.WalletId, asked.Filter, reader: null, call.Cancel));

    private async Task<Reply> GetTrialBalance(OperatorCall call, NoFields _) => Reply.Ok(await ledger.TrialBalance(call.Tenant, call.Cancel));

    private async Task<Reply> Move(OperatorCall call, MovementRequest request, WalletCommand command) => request.WalletId == WalletIds.World
        ? Reply.Refused(NotTheWorld)
        : await call.Send<WalletCommand, WalletView>(entities.In(call.Tenant).Wallet(request.WalletId), command, WalletData.Of);

    private async Task<WalletView?> Find(OperatorCall call, string walletId) =>
        (await entities.In(call.Tenant).Wallet(walletId).Ask(new WalletCommand.Get(), call.Context)).Reply is { Exists: true } view ? view : null;
}

/// <summary>Money that is to enter or leave.</summary>
internal sealed record MovementRequest(string WalletId, long AmountMicros, string? Memo)
{
    public static MovementRequest Read(Call call, string amount) => new(
        call.Id("wallet_id"),
        call.Body.Amount("amount_cents", amount) ?? 0,
        call.Body.Text("memo", "What for, as the wallet's statement shows it.", Limits.ReasonLength, required: false));
}
