namespace Agora.Simulation.Plants;

/// <summary>Whoever finds its turn there, and its reply under way or cut off, calls the model again.</summary>
public sealed class ResumedByCalling : Plant
{
    public override string Name => "resumed-by-calling";

    public override bool IsWide => true;

    public override SeedOptions Draw(SeedOptions options) => options with { Chats = true };

    public override bool ResumesByCalling => true;
}
