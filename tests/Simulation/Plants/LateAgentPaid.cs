namespace Agora.Simulation.Plants;

/// <summary>A reply that came too late, of whoever was asked first, is the run's output all the same.</summary>
public sealed class LateAgentPaid : Plant
{
    public override string Name => "late-agent-paid";

    public override bool IsWide => true;

    public override bool TakesLateReplies => true;
}
