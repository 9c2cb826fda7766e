global using RefundTest = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Refunds.RefundState, Agora.Core.Refunds.RefundCommand, Agora.Core.Refunds.RefundEvent>;

using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Refunds;

namespace Agora.Core.Tests.Refunds;

/// <summary>The payment of these tests: 100 of session s1 at agent:a1's wallet, of which 10 were the fee.</summary>
internal static class RefundSample
{
    public const string Id = "01957a00-0000-7000-8000-00000000000b";
    public static readonly Guid RunId = new("01957a00-0000-7000-8000-00000000000a");
    public static readonly PaymentFacts Paid = new(Id, "s1", RunId, "u1", "a1", PayerKinds.Wallet, "agent:a1", "provider-1", 100, 10);
    public static readonly StepOutcome Lost = new StepOutcome.Unreachable();

    public static RefundTest Fresh() => RefundTest.Of(StreamId.Payment(Id))
        .Natural(c => c is RefundCommand.Get)
        .Anew((c, answer) => answer.Rejection is not null || c is RefundCommand.Node);

    public static RefundCommand.Refund Refund(long? amount = null, PaymentFacts? payment = null) => new(payment ?? Paid, amount, "The output was unusable", "operator:root");

    /// <summary>Both wallets are being asked.</summary>
    public static RefundTest Requested(this RefundTest payment, out Guid command, long? amount = null, PaymentFacts? facts = null)
    {
        command = payment.NextId();
        return payment.When(Refund(amount, facts), command).ThenEvents(typeof(RefundEvent.Requested)).ThenLater();
    }

    /// <summary>Given back: all wallets have agreed.</summary>
    public static RefundTest Accepted(this RefundTest payment, long? amount = null, PaymentFacts? facts = null)
    {
        payment.Requested(out _, amount, facts);
        var asked = payment.Last.Steps;
        foreach (var step in asked)
        {
            payment.When((RefundCommand)step.Then(Answered(new FundReserved(Guid.Empty)))!);
        }

        return payment.ThenEvents(typeof(RefundEvent.Accepted));
    }

    /// <summary>All that is to be done elsewhere is done.</summary>
    public static RefundTest Followed(this RefundTest payment)
    {
        while (RefundDecider.Unfinished(payment.State, payment.Now).FirstOrDefault() is { } step)
        {
            payment.When((RefundCommand)step.Then(Answered(Reply(((StepTarget.Entity)step.Target).Command)))!);
        }

        return payment;
    }

    public static StepOutcome Answered(object reply) => new StepOutcome.Answered(Answer.Of(reply));

    public static StepOutcome Refused(Rejection rejection) => new StepOutcome.Answered(Answer.No(rejection));

    public static object Command(this RefundTest payment, int step) => Assert.IsType<StepTarget.Entity>(payment.Last.Steps[step].Target).Command;

    private static object Reply(object command) => command switch
    {
        NodeCommand.TakeRefund c => new RefundTold(c.TellId, HoldStanding.Held),
        NodeCommand.ReleaseRefund c => new RefundTold(c.TellId, HoldStanding.Posted),
        _ => new HoldEnded(Guid.Empty, HoldStanding.Posted),
    };
}
