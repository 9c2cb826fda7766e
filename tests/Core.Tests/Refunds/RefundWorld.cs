using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Tests.Kernel;

namespace Agora.Core.Tests.Refunds;

/// <summary>
/// All streams that a payment and its refunds touch; every service answers at once. While it storms, what a payment or a wallet sends may come again when
/// everything is long over, for it says by itself that it did.
/// </summary>
internal static class RefundWorld
{
    public static DeciderWorld Of(Random random) => new(random, new(2026, 1, 31, 23, 0, 0, TimeSpan.Zero))
    {
        Plays = static target => target is StepTarget.Outside ? new ServiceOutcome.Output("{}"u8.ToArray(), 1) : null,
        Strays = static from => from.Kind is Kinds.Payment or Kinds.Wallet,
    };
}
