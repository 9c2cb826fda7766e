using System.Buffers;
using System.Text;
using Agora.Application.Chats;
using Agora.Application.Models;
using Agora.Application.Runs;
using Agora.Contracts;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Journal;
using Agora.Models;
using Agora.Models.Wires;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>
/// How what is said sounds, as the API asks for it before a model replies: a run of the session's, waited for and taken back as the API does it, under an id that follows from the turn's key. A repeat, here or at another process, at the same
/// time or later, asks for the same run.
/// </summary>
public sealed partial class ModelClient
{
    private static readonly IReadOnlyList<IWire> Wires = [new ChatWire(isOpenAi: true), new ResponsesWire(), new MessagesWire(), new GeminiWire()];

    private Func<AskedMood, Task<InnerRun>> Judging => field ??= Cluster.Plant.Judging(Judge);

    /// <summary>In two thirds of what is said anew; some name a most that is too little.</summary>
    private ChatSentiment? Wished()
    {
        if (!Cluster.Options.Sentiments || Tenant.IsTest || Random.Next(3) == 0) return null;

        var service = Any(FakeMoods.All);
        return new(service.ServiceId, Random.Next(5) switch { 0 => null, 1 => service.PriceMicros / 2, _ => service.PriceMicros });
    }

    /// <summary>Nothing is said where the same key asks for something else, where the store is away, or where whoever asks dies.</summary>
    private async Task SayJudged(Request request, long bound)
    {
        var wanted = request.Saying!.Sentiment!;
        var asked = new AskedMood(request.Session, request.Sending.CommandId, wanted, Tried(request.Session, request.Sending, ChatSentiments.Number));
        if (Random.Next(10) == 0)
        {
            await Task.WhenAny(Run(asked)); // it dies: what it has asked for goes on, and nobody hears of it
            return;
        }

        try
        {
            var came = await Judging(asked);
            if (came.Refused is { Code: Codes.IdempotencyConflict or Codes.IdempotencyInFlight } || Random.Next(10) == 0) return;

            await Ask(request with { Saying = request.Saying with { Sentiment = ChatSentiments.Of(wanted, came) } }, bound);
        }
        catch (JournalUnavailableException)
        {
        }
    }

    private Task<Answer> Run(AskedMood asked)
    {
        var service = FakeMoods.All.First(service => service.ServiceId == asked.Wanted.ServiceId);
        var command = new RunCommand.RunService(
            Info with { IsOurs = true }, service.ServiceId, service, Personal.Of(new { text = $"{asked.Turn}" }), InputHash: "", NamedCampaignId: null, NamedFound: true, asked.Wanted.MaxPriceMicros, Tenant.Catalogue.CandidatesFor(service.ServiceId), Keyed: true);
        Tenant.Sentiments.Asks(asked.Turn, asked.Run.CommandId, service.PriceMicros);
        return Once(Entities.Session(asked.Session), command, asked.Run, $"How turn {asked.Turn} sounds");
    }

    private async Task<InnerRun> Judge(AskedMood asked)
    {
        var runId = asked.Run.CommandId;
        var (journal, until, mayTakeBack) = (Cluster.Reader(), Cluster.Time.GetUtcNow() + ChatLimits.SentimentWait, true);
        var came = await InnerRuns.Outcome(runId, () => Run(asked), TakeBack, () => journal.Recorded(Tenant.Own, runId, CancellationToken.None), ChatLimits.SentimentWait, Cluster.Time);
        Cluster.History.CatchUp();
        Tenant.Sentiments.Heard(asked.Turn, came.RunId, isJudged: came.Refused is null);
        if (came.Refused is { Code: Codes.UpstreamTimeout } && mayTakeBack && Cluster.Time.GetUtcNow() >= until)
        {
            Tenant.Sentiments.WaitedInVain(runId, until);
        }

        return came;

        async Task<Answer> TakeBack()
        {
            var answer = await Once(Entities.Session(asked.Session), new RunCommand.Cancel(runId, Info with { IsOurs = true }), NewSending(), $"Taking back how turn {asked.Turn} sounds");
            mayTakeBack = answer.Rejection is null; // a session that has ended takes nothing back
            return answer;
        }
    }

    /// <summary>What a model is sent of a turn, by whichever wire: the request knows how it sounds, for rules of routers.</summary>
    private void SendWords(Guid runId, Guid turn, ChatSentiment? sounds)
    {
        if (sounds?.Label is not { } label) return;

        foreach (var wire in Wires)
        {
            var sent = new ArrayBufferWriter<byte>();
            wire.Write(new ModelRequest("m", [ReplyTexts.Item(Role.User, $"{turn}")]) { Sentiment = label }, "m", 10, sent);
            Cluster.Findings.Expect(!Encoding.UTF8.GetString(sent.WrittenSpan).Contains(label, StringComparison.Ordinal), $"The model of run {runId} is told that turn {turn} sounds {label}.");
        }
    }
}

/// <summary>How a turn sounds, by a run of its session's.</summary>
internal sealed record AskedMood(string Session, Guid Turn, ChatSentiment Wanted, Sending Run);
