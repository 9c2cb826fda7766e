using Agora.Contracts;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Responses;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Clients;

/// <summary>
/// It says something in a chat, as the API does: the hold first, then the turn and the beginning of its reply at once, then the model, and each part of the reply is shown when it is durable. It dies anywhere; another process gets the same
/// request, and finds the turn, or says what was not said; others stop replies.
/// </summary>
public sealed partial class ModelClient
{
    private const int MostParts = 5;

    private async Task Say(string session, FakeModels.Model model, long bound)
    {
        var looked = await Ask(Entities.Session(session), new SessionCommand.Peek(null), NewSending(), "A look at a session", static _ => null);
        if (looked?.Reply is not SessionView me) return;

        var agents = string.Join('>', [.. me.Path?.Select(node => node.AgentId) ?? [], me.AgentId]);
        var (sending, known) = (NewKeyed(session), ChatsOf($"{me.UserId}/{agents}"));
        var (chatId, isNew) = known.Count > 0 && Random.Next(4) > 0 ? (Any(known), false) : (sending.CommandId, true);
        var chat = OwnedIds.Of(chatId, me.UserId);
        var turns = isNew ? 0 : (await View(chat, agents))?.Turns.Count ?? 0;
        var saying = new Saying(chat, agents, me.UserId, turns == 0 || Random.Next(6) == 0 ? 0 : Random.Next(3) == 0 ? Random.Next(1, turns + 1) : turns, turns > 0 && Random.Next(5) == 0 ? Random.Next(1, turns + 1) : null);
        saying = saying.Repeats is null && me.Scopes.AdmitsCategory(Catalogue.Category) ? saying with { Sentiment = Wished() } : saying;
        var request = new Request(session, model, Tenant.Catalogue.CandidatesFor(model.Terms.ServiceId), sending, Saying: saying);
        if (isNew)
        {
            known.Add(chatId);
        }

        var said = saying.Sentiment is null ? Ask(request, bound) : SayJudged(request, bound);
        if (saying.Sentiment is null || Random.Next(2) == 0)
        {
            await said;
        }

        if (Random.Next(2) == 0)
        {
            await SayAgain(request, bound);
        }

        await said;
        if (Random.Next(3) == 0)
        {
            await Read(saying, stops: Random.Next(3) == 0);
        }
    }

    /// <summary>The same request comes to another process.</summary>
    private async Task SayAgain(Request request, long bound)
    {
        await Pause(Random.Next(2) == 0 ? Soon : TimeSpan.FromSeconds(60));
        var turn = (await View(request.Saying!.Chat, request.Saying.Agents))?.Turns.FirstOrDefault(turn => turn.Id == request.Sending.CommandId);
        if (turn is null)
        {
            await (request.Saying.Sentiment is null ? Ask(request, bound) : SayJudged(request, bound));
        }
        else if (Cluster.Plant.ResumesByCalling)
        {
            await Ask(request with { Sending = NewSending(), Saying = request.Saying with { Number = turn.Number } }, bound);
        }
    }

    /// <summary>Whoever comes back reads what there is, and stops it now and then.</summary>
    private async Task Read(Saying saying, bool stops)
    {
        if (await View(saying.Chat, saying.Agents) is not { Turns.Count: > 0 } view) return;

        var response = Entities.Response(OwnedIds.Of(Any(view.Turns).RunId, saying.User));
        if (stops)
        {
            await Ask(response, new ResponseCommand.End(Codes.RunCancelled), NewSending(), "A reply that is stopped", static _ => null);
        }

        if ((await Ask(response, new ResponseCommand.Get(), NewSending(), "A look at a reply", static _ => null))?.Reply is ResponseView { Parts: var parts })
        {
            Cluster.History.CatchUp();
            Tenant.Chats.Sees(response.Stream.Id, parts);
        }
    }

    private async Task<ChatView?> View(string chat, string agents) => (await Ask(Entities.Chat(chat), new ChatCommand.Get(agents), NewSending(), "A look at a chat", static _ => null))?.Reply as ChatView;

    private List<Guid> ChatsOf(string whose) => Tenant.Chats.Known.TryGetValue(whose, out var chats) ? chats : Tenant.Chats.Known[whose] = [];

    private async Task<RunView?> SaySomething(Under call, Request request)
    {
        var (saying, turnId) = (request.Saying!, request.Sending.CommandId);
        var (chat, response) = (Entities.Chat(saying.Chat), Entities.Response(OwnedIds.Of(call.RunId, saying.User)));
        var reply = new ChatReply(call.RunId, request.Model.Terms.ServiceId, null, 0);
        ChatCommand place = saying.Number is { } number ? new ChatCommand.ReplyAnew(saying.Agents, number, reply)
            : new ChatCommand.Ask(saying.Agents, call.Session, turnId, request.Model.Terms.ServiceId, saying.After, saying.Repeats, saying.Repeats is null ? Personal.Of(new ChatWords($"{turnId}", Sentiment: saying.Sentiment)) : null, reply, Ends: saying.Ends);
        var placing = Twice(() => Ask(chat, place, NewSending(), $"A turn of {saying.Chat}", given => given.Reply is ChatTurnKept ? history => Named(history, saying.Chat, call.RunId) : null, id => IsWritten(saying.Chat, id)));
        var begun = await Twice(() => Ask(response, new ResponseCommand.Begin(call.Session, saying.Agents, "m", Cluster.Time.GetUtcNow(), Personal.Of("asked")), NewSending(), "A reply", static _ => null));
        if (Random.Next(4) == 0)
        {
            await Ask(chat, place, NewSending(), $"A turn of {saying.Chat}, once more", static _ => null);
        }

        if (await placing is not { Reply: ChatTurnKept kept } || begun?.Reply is not ResponseView || Random.Next(10) == 0)
        {
            await End(call.Session, call.RunId, call.Caller, Unsent);
            return null;
        }

        switch (Random.Next(10))
        {
            case 0:
                return null; // it dies before it has sent anything
            case 1:
                // Its provider did nothing: another replies, unless the session had given this one up, and posted it.
                if (await End(call.Session, call.RunId, call.Caller, Unsent) is not { Rejection: { } unsent } || unsent.FactOf("run_id") is null)
                {
                    return null;
                }

                await Ask(request with { Sending = NewSending(), Saying = saying with { Number = kept.Number } }, call.BoundMicros);
                return null;
        }

        var (parts, came) = (Random.Next(1, MostParts), Send(call));
        SendWords(call.RunId, turnId, saying.Sentiment);
        Tenant.Chats.Calls(call.RunId, parts);
        for (var part = 0; part < parts; part++)
        {
            var said = await Twice(() => Ask(response, new ResponseCommand.Say(part, Personal.Of($"{call.RunId} {part}")), NewSending(), "A part of a reply", static _ => null));
            if (said?.Reply is not ResponseView) break; // stopped, or the store is away

            Cluster.History.CatchUp();
            Tenant.Chats.Sees(response.Stream.Id, part + 1);
            if (Random.Next(12) == 0) return null; // it dies

            await GoOn(call, Soon * Random.NextDouble());
        }

        var ended = await End(call.Session, call.RunId, call.Caller, Known(came));
        if (Random.Next(10) > 0 && (await Ask(response, new ResponseCommand.Get(), NewSending(), "A look at a reply", static _ => null))?.Reply is ResponseView { Parts: var durable } && durable == parts)
        {
            await Ask(response, new ResponseCommand.End(null), NewSending(), "The end of a reply", static _ => null);
        }

        return ended?.Reply as RunView;
    }

    private bool IsWritten(string chat, Guid commandId)
    {
        Cluster.History.CatchUp();
        return Cluster.History.Count<ChatEvent>(Stream(Kinds.Chat, chat), (_, c) => c.CommandId == commandId) > 0;
    }

    private static int Named(Checks.History history, string chat, Guid run)
    {
        var stream = history.Streams.Values.First(log => log.Stream.Kind == Kinds.Chat && log.Stream.Id == chat);
        return stream.Events.Count(c => c.Event is ChatEvent.Asked { Reply: var asked } && asked.RunId == run) + stream.Events.Count(c => c.Event is ChatEvent.RepliedAnew { Reply: var anew } && anew.RunId == run);
    }

    /// <summary>Whoever does not know whether it was done asks again.</summary>
    private static async Task<Answer?> Twice(Func<Task<Answer?>> ask) => await ask() ?? await ask();

    /// <param name="Number">Of the turn that is there already, and gets another reply; null: it is said.</param>
    /// <param name="Ends">It says the words that end a play.</param>
    /// <param name="Sentiment">By which service it is to be judged how it sounds, or how it does; null: nobody wants to know.</param>
    private sealed record Saying(string Chat, string Agents, string User, int After, int? Repeats, int? Number = null, bool Ends = false, ChatSentiment? Sentiment = null);
}
