using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Api.Wallets;
using Agora.Contracts;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Api.Admin.Wallets;

/// <summary>Wallets: money in and out, statements, and whether all of it adds up.</summary>
internal sealed class WalletAdminEndpoints(IEntities entities, TableReader tables, IPersonalTexts texts, Ledger ledger)
{
    private static readonly Rejection NotFound = new(Codes.NotFound, "There is no such wallet: nothing has happened to it.");
    private static readonly Rejection NotTheWorld = new(Codes.NotFound, "The world is no wallet: it has no statement, and nothing is paid into it or out of it by itself.");

    public static readonly Operation Deposit = new("deposit", "POST", "/admin/wallets/{wallet_id}/deposit", "Money enters a wallet from the world", typeof(WalletData))
    {
        Body = Takes.Members,
        RequiresKey = true,
        BodySchema = MovementRequest.Schema("What enters."),
        Codes = AdminFlow.Mutation,
        BodyExample = """{"amount_cents":100,"memo":"top-up"}""",
        DataExample = WalletData.Example,
    };

    public static readonly Operation Withdraw = new("withdraw", "POST", "/admin/wallets/{wallet_id}/withdraw", "Money leaves a wallet to the world, of what is not held", typeof(WalletData))
    {
        Body = Takes.Members,
        RequiresKey = true,
        BodySchema = MovementRequest.Schema("What leaves."),
        Codes = [.. AdminFlow.Mutation, Codes.PaymentRequired],
        BodyExample = """{"amount_cents":100,"memo":"payout"}""",
        DataExample = WalletData.Example,
    };

    public static readonly Operation Get = new("get_wallet_of", "GET", "/admin/wallets/{wallet_id}", "A wallet as it is now; world is where all money comes from and goes to", typeof(WalletData))
    {
        Codes = [Codes.NotFound],
        DataExample = WalletData.Example,
    };

    public static readonly Operation List = new("list_wallets", "GET", "/admin/wallets", "List wallets and their books", typeof(WalletsData))
    {
        Query = ["offset", "limit"],
        DataExample = $$"""{"wallets":[{{WalletBookData.Example}}],"total_count":1,"offset":0,"limit":50}""",
    };

    public static readonly Operation Entries = new("wallet_statement_of", "GET", "/admin/wallets/{wallet_id}/statement", "What came into a wallet and went out of it, newest first; Accept: text/csv gives CSV", typeof(StatementData))
    {
        Query = StatementFilter.Parameters,
        Codes = [Codes.NotFound],
        DataExample = StatementData.Example,
    };

    public static readonly Operation TrialBalance = new("trial_balance", "GET", "/admin/ledger/trial-balance", "All funds and what is in transit, of one moment: their sum is 0", typeof(TrialBalanceData))
    {
        DataExample = """{"funds_cents":-25,"in_transit_cents":25,"sum_cents":0}""",
    };

    public Task<Reply> DepositMoney(OperatorCall call) => Move(call, request => new WalletCommand.Deposit(request.AmountMicros, request.Memo));

    public Task<Reply> WithdrawMoney(OperatorCall call) => Move(call, request => new WalletCommand.Withdraw(request.AmountMicros, request.Memo));

    public async Task<Reply> GetWallet(OperatorCall call)
    {
        var walletId = call.PathId("wallet_id");
        call.Query.Finish();
        if (call.Findings.Refusal is not null) return Reply.Invalid(call.Findings);
        if (walletId == WalletIds.World) return Reply.Ok(await ledger.World(call.Http.RequestAborted));

        return await Find(call, walletId) is { } view ? Reply.Ok(WalletData.Of(view)) : Reply.Refused(NotFound);
    }

    public Task<Reply> ListWallets(OperatorCall call) => AdminFlow.Listed(
        call,
        tables,
        FundTables.Funds,
        "fund_id",
        WalletBookData.Of,
        (wallets, total, page) => new WalletsData(wallets, total, page.Offset, page.Limit),
        TableReader.Is("kind", Kinds.Wallet));

    public async Task<Reply> WalletStatement(OperatorCall call)
    {
        var walletId = call.PathId("wallet_id");
        var filter = StatementFilter.Read(call.Query);
        if (call.Findings.Refusal is not null) return Reply.Invalid(call.Findings);
        if (walletId == WalletIds.World) return Reply.Refused(NotTheWorld);

        return await Find(call, walletId) is null ? Reply.Refused(NotFound) : await Statement.Page(tables, texts, call.Http, walletId, filter, reader: null);
    }

    public async Task<Reply> GetTrialBalance(OperatorCall call)
    {
        call.Query.Finish();
        return call.Findings.Refusal is not null ? Reply.Invalid(call.Findings) : Reply.Ok(await ledger.TrialBalance(call.Http.RequestAborted));
    }

    private async Task<Reply> Move(OperatorCall call, Func<MovementRequest, WalletCommand> command)
    {
        var walletId = call.PathId("wallet_id");
        var request = MovementRequest.Read(call.Body);
        if (call.Findings.Refusal is not null) return Reply.Invalid(call.Findings);
        if (walletId == WalletIds.World) return Reply.Refused(NotTheWorld);

        return await call.Send<WalletCommand, WalletView>(entities.Wallet(walletId), command(request), (view, _) => Reply.Ok(WalletData.Of(view)));
    }

    private async Task<WalletView?> Find(OperatorCall call, string walletId) =>
        (await entities.Wallet(walletId).Send(new WalletCommand.Get(), call.Context)).Reply as WalletView is { Exists: true } view ? view : null;
}

/// <summary>Body of a deposit or a withdrawal.</summary>
internal sealed record MovementRequest(long AmountMicros, string? Memo)
{
    public static System.Text.Json.Nodes.JsonObject Schema(string amount) => BodySchemas.Closed(
        ["amount_cents"], new() { ["amount_cents"] = BodySchemas.Cents(amount), ["memo"] = BodySchemas.Text(Limits.ReasonLength) });

    public static MovementRequest Read(Fields body)
    {
        var amount = body.Cents("amount_cents");
        if (amount == 0)
        {
            body.Violate("amount_cents", "exclusiveMinimum", "The amount is more than 0.");
        }

        var request = new MovementRequest(amount ?? 0, body.Text("memo", Limits.ReasonLength, required: false));
        body.Finish();
        return request;
    }
}
