using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Contracts;
using Agora.Core.Wallets;

namespace Agora.Api.Wallets;

/// <summary>What an agent has earned and spent: its own wallet, whomever it acts for.</summary>
internal sealed class WalletEndpoints(IEntities entities, TableReader tables, Guide guide)
{
    public static readonly Operation Get = new("get_wallet", "GET", "/agent/wallet", "The agent's own wallet as it is now", typeof(WalletData))
    {
        DataExample = WalletData.Example,
    };

    public static readonly Operation Entries = new("wallet_statement", "GET", "/agent/wallet/statement", "What came into the agent's wallet and went out of it, newest first; Accept: text/csv gives CSV", typeof(StatementData))
    {
        Query = StatementFilter.Parameters,
        DataExample = StatementData.Example,
    };

    public Task<Reply> GetWallet(AgentCall call)
    {
        call.Query.Finish();
        return guide.Visit(call, async flow =>
        {
            var answer = await entities.Wallet(WalletIds.Agent(flow.Session.AgentId)).Send(new WalletCommand.Get(), call.Fresh());
            return Reply.Ok(WalletData.Of((WalletView)answer.Reply!)) with { NextActions = (await guide.Advance(flow)).Actions };
        });
    }

    public Task<Reply> WalletStatement(AgentCall call)
    {
        var filter = StatementFilter.Read(call.Query);
        return guide.Visit(call, async flow =>
            await Statement.Page(tables, call.Http, WalletIds.Agent(flow.Session.AgentId), filter) with { NextActions = (await guide.Advance(flow)).Actions });
    }
}
