namespace Agora.Simulation.Plants;

/// <summary>It shows where users say how they want replies: in the seeds that look for it they do.</summary>
public abstract class PreferencePlant : Plant
{
    public override bool IsWide => true;

    public override SeedOptions Draw(SeedOptions options) => options with { Preferences = true };
}
