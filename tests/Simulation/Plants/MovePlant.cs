namespace Agora.Simulation.Plants;

/// <summary>It shows where users move in from an older chat: in the seeds that look for it they do.</summary>
public abstract class MovePlant : Plant
{
    public override bool IsWide => true;

    public override SeedOptions Draw(SeedOptions options) => options with { Moves = true };
}
