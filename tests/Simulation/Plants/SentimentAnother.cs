using Agora.Application.Runs;
using Agora.Simulation.Clients;

namespace Agora.Simulation.Plants;

/// <summary>A process that was told once how something sounds says so of all that follows.</summary>
public sealed class SentimentAnother : SentimentPlant
{
    public override string Name => "sentiment-another";

    internal override Func<AskedMood, Task<InnerRun>> Judging(Func<AskedMood, Task<InnerRun>> judge)
    {
        InnerRun? first = null;
        return async asked => first ?? (await judge(asked) is var told && told.Refused is null ? first = told : told);
    }
}
