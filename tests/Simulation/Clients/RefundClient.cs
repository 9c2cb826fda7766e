using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Refunds;

namespace Agora.Simulation.Clients;

/// <summary>An operator who gives payments back, in parts or whole, the same ones again and again, and more than was paid as often as not.</summary>
public sealed class RefundClient(Tenant tenant) : Caller(tenant)
{
    private const string Credential = "operator";

    public async Task Live()
    {
        while (await GoesOn(2 * Cluster.Options.Think))
        {
            if (Tenant.Refunds.Payments is { Count: > 0 } payments)
            {
                // Old ones and the latest alike: of these the limits have often not followed yet.
                await Refund(payments[Random.Next(2) == 0 ? Random.Next(payments.Count) : payments.Count - 1]);
            }
        }
    }

    private Task Refund(PaymentFacts payment)
    {
        var sending = NewKeyed(Credential);
        long? amount = Random.Next(3) == 0 ? null : Random.Next(1, (int)payment.AmountMicros);
        return Ask(Entities.Payment(payment.PaymentId), new RefundCommand.Refund(payment, amount, "Unusable.", "operator:sim"), sending, $"A refund of {payment.PaymentId}", given => IsReply<RefundView>(given)
            ? history => history.Count<RefundEvent.Accepted>(Stream(Kinds.Payment, payment.PaymentId), (e, _) => e.CommandId == sending.CommandId && e.View == (RefundView)given.Reply!)
            : null);
    }
}
