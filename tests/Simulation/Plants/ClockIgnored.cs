using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>Wallets of a tenant for tests go by the world's time.</summary>
public sealed class ClockIgnored : Plant
{
    public override string Name => "clock-ignored";

    public override bool IsWide => true;

    public override EntityActivation Activate(Entity entity, EntityPorts ports, IActivationHost engine) => EntityActivations.Of(entity, entity.Kind == Kinds.Wallet ? ports with { Times = null } : ports, engine);
}
