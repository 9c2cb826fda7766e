using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Web;

namespace Agora.Api.Admin.Refunds;

/// <summary>Payments as refunds need them. A table row only says where to look: what a refund rests on is the event that decided the run.</summary>
internal sealed class Payments(IJournalReader journal, IEntities entities, IPersonalTexts texts)
{
    /// <returns>Null: the run was not paid for.</returns>
    public async Task<PaymentFacts?> Facts(Tenant tenant, NamedRow row, CancellationToken cancel)
    {
        var (sessionId, runId) = (row.Text("session_id"), Guid.Parse(row.Text("run_id")));
        return await journal.Run(tenant, sessionId, runId, cancel) is { Payment: { } payment } run
            ? new(
                payment.PaymentId.ToString("D"), sessionId, runId, row.Text("user_id"), row.Text("agent_id"), payment.PayerKind, payment.PayerId, run.Run.Provider, payment.AmountMicros,
                payment.FeeMicros, payment.Nodes)
            : null;
    }

    /// <param name="amountMicros">Null: all that is left, but for <paramref name="leaveMicros"/>.</param>
    public async Task<Reply> GiveBack(OperatorCall call, PaymentFacts payment, string reason, long? amountMicros, long? leaveMicros = null)
    {
        var said = await call.SaidOf(payment.UserId, reason, texts);
        return await call.Send<RefundCommand, RefundView>(
            entities.In(call.Tenant).Payment(payment.PaymentId),
            new RefundCommand.Refund(payment, amountMicros, said, call.Context.Actor!, leaveMicros),
            async (view, _) => Reply.Ok(RefundDoneData.Of(view, await texts.Open(call.Tenant, view.Reason, call.Cancel))));
    }
}
