namespace Agora.Simulation.Plants;

/// <summary>It shows where turns are asked how they sound: in the seeds that look for it they are.</summary>
public abstract class SentimentPlant : Plant
{
    public override bool IsWide => true;

    public override SeedOptions Draw(SeedOptions options) => options with { Models = true, Chats = true, Sentiments = true };
}
