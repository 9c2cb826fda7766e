using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>What a fund owes waits for its time, which never comes.</summary>
public sealed class PayoutForgotten : Plant
{
    public override string Name => "payout-forgotten";

    public override EntityActivation Activate(Entity entity, EntityPorts ports, IActivationHost engine) => EntityActivations.Of(entity, ports with { Steps = new Timeless(ports.Steps) }, engine);

    private sealed class Timeless(IStepRunner steps) : IStepRunner
    {
        public void Run(StreamId from, StepTarget target, Guid commandId, string? trace, IStepEvents heard, CancellationToken ending)
        {
            if (target is not StepTarget.Later)
            {
                steps.Run(from, target, commandId, trace, heard, ending);
            }
        }
    }
}
