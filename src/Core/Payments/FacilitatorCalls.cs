using Agora.Core.Kernel;
using Agora.X402;

namespace Agora.Core.Payments;

/// <summary>The facilitator's word on a payment; it moves nothing.</summary>
public sealed record VerifyCall(PresentedPayment Payment) : OutsideCall
{
    public static readonly OutsideKind Outside = new("x402.verify", Limits.PresentDeadline) { IfUnknown = new VerifyOutcome.Unknown(FacilitatorDoubt.NoAnswer) };

    public override OutsideKind Kind => Outside;
}

/// <summary>The facilitator is to move the money. Only after the intent is durable.</summary>
/// <param name="AttemptedBefore">An earlier call for it may have moved it.</param>
public sealed record SettleCall(PresentedPayment Payment, bool AttemptedBefore) : OutsideCall
{
    public static readonly OutsideKind Outside = new("x402.settle", Limits.SettleDeadline + Limits.GrainCallTimeout) { IfUnknown = new SettleOutcome.Unknown(FacilitatorDoubt.NoAnswer) };

    public override OutsideKind Kind => Outside;
}
