using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Wallets;
using Wallet = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletCommand, Agora.Core.Wallets.WalletEvent>;

namespace Agora.Core.Tests.Wallets;

/// <summary>The wallet of these tests, <c>agent:a</c>, and what it is asked.</summary>
internal static class WalletSample
{
    public const string Id = "agent:a";
    public const string Payer = "default/wallet/agent:a";
    public const string Payee = "agent:b";
    public const string Provider = "provider-1";
    public const string Owner = "default/session/s1";
    public static readonly Guid RunId = new("01957a00-0000-7000-8000-00000000000a");

    /// <summary>When the scenarios begin, and most transfers are sent.</summary>
    public static readonly DateTimeOffset Sent = Wallet.Start;

    public static Wallet NewWallet(string id = Id) => Wallet.Of(StreamId.Wallet(id))
        .Natural(c => c is not (WalletCommand.Deposit or WalletCommand.Withdraw or WalletCommand.Get or WalletCommand.Tick))
        .Anew((c, _) => c is WalletCommand.Transfer or WalletCommand.Node);

    public static Wallet Filled(long micros = 100) => NewWallet().When(new WalletCommand.Deposit(micros));

    public static WalletCommand.Transfer Transfer(Guid id, long micros, string to = Payee, string memo = "thanks", bool known = false) => new(id, to, micros, memo, known);

    public static NodeCommand.Reserve Reserve(Guid holdId, long micros = 60, string provider = Provider, int fee = 0) => new(holdId, Owner, RunId, micros, new ReserveTerms.OfWallet(provider, fee));

    public static Wallet Held(this Wallet wallet, out Guid holdId, long micros = 60, int fee = 0, string provider = Provider)
    {
        holdId = wallet.NextId();
        return wallet.When(Reserve(holdId, micros, provider, fee)).ThenAnswered(new FundReserved(holdId));
    }

    public static Wallet Paid(this Wallet wallet, out Guid transferId, long micros, string to = Payee, string memo = "thanks")
    {
        transferId = wallet.NextId();
        return wallet.When(Transfer(transferId, micros, to, memo)).ThenAnswered(new TransferTaken(transferId));
    }

    public static StepOutcome Answered(object reply) => new StepOutcome.Answered(Answer.Of(reply));
}
