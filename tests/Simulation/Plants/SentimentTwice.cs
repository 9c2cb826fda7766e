using Agora.Application.Runs;
using Agora.Core.Kernel;
using Agora.Simulation.Clients;

namespace Agora.Simulation.Plants;

/// <summary>Whoever asks again how a turn sounds has its service run again, under another id.</summary>
public sealed class SentimentTwice : SentimentPlant
{
    public override string Name => "sentiment-twice";

    internal override Func<AskedMood, Task<InnerRun>> Judging(Func<AskedMood, Task<InnerRun>> judge)
    {
        var times = 0;
        return asked => judge(asked with { Run = new(Ids.Derive(Ids.TimeOf(asked.Run.CommandId), asked.Run.CommandId, ++times), Key: null) });
    }
}
