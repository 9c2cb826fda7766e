using Agora.Contracts;
using Agora.Core.Refunds;
using Agora.Grains.Kernel;

namespace Agora.Grains.Refunds;

/// <summary>The only writer of a payment's stream.</summary>
public sealed class PaymentGrain(EntityPorts ports) : EntityGrain<RefundDecider, RefundState, RefundCommand, RefundEvent>(ports), IPaymentGrain;
