using Agora.Core.Services;

namespace Agora.Simulation.Plants;

/// <summary>Who is asked for a skill may be an agent on whose behalf it is run.</summary>
public sealed class CycleAsked : Plant
{
    public override string Name => "cycle-asked";

    public override bool IsWide => true;

    public override ServiceCall Asking(ServiceCall call) => call with { Path = [] };
}
