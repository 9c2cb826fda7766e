using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Clocks;
using Agora.Grains.Conversations;

namespace Agora.Application.Conversations;

/// <summary>
/// What agents say to each other: conversations are opened, joined and left, messages said, read and acknowledged. A conversation's own stream decides. Here its members are looked up, so that no
/// stranger's word brings an entity to life, and what was said is read from the journal.
/// </summary>
internal sealed class PeerConversations(IEntities entities, StoredAgents stored, TableReader tables, ConversationLog log, SkillChooser chooser, SessionCalls sessions, Introductions introductions, TenantTimes times)
{
    private readonly Remembered<(string Tenant, string Id), ValueTuple> _found = new(TalkLimits.Found);

    /// <summary>Opens a conversation under an id that follows from the caller's command.</summary>
    public Task<Result<ConversationView>> Open(PeerCaller caller, OpenRequest asked, CancellationToken cancel) => Open(caller, caller.Context.CommandId.ToString("D"), asked, cancel);

    /// <summary>Opens a conversation under the id.</summary>
    public async Task<Result<ConversationView>> Open(PeerCaller caller, string id, OpenRequest asked, CancellationToken cancel)
    {
        if (asked.Participants.Contains(caller.AgentId))
        {
            return Refused<ConversationView>(Findings.Invalid("participants", "not", "Whoever opens a conversation takes part in it: only others are invited."));
        }

        var named = asked.Named;
        if (await Unknown(caller, named, cancel) is { } unknown) return Refused<ConversationView>(unknown);

        var (chosen, nobody) = await Choose(caller, asked);
        if (nobody is not null && !await IsThere(caller, id, cancel)) return Refused<ConversationView>(nobody);

        List<string> invited = [.. named, .. chosen.Select(one => one.AgentId)];
        IReadOnlyList<string> members = [caller.AgentId, .. invited];
        var blocks = await introductions.Blocks(caller, members, cancel);
        if (ConversationDecider.Parted(caller.AgentId, invited, blocks) is { } parted && !await IsThere(caller, id, cancel))
        {
            return Refused<ConversationView>(parted);
        }
        if (await introductions.Note(caller, id, invited, cancel) is { } tooMany) return Refused<ConversationView>(tooMany);

        var open = new ConversationCommand.Open(caller.AgentId, invited, asked.Topic is { } topic ? Personal.Of(topic) : null, asked.IsOpen, asked.Limits, chosen.Count == 0 ? null : chosen, blocks);
        var answer = await entities.In(caller.Tenant).Conversation(id).Send(open, caller.Context, cancel);
        if (answer.Rejection is { } rejection) return Refused<ConversationView>(rejection);

        await introductions.Tell(caller, id, members, cancel);
        var opened = await Get(caller, id, cancel);
        return opened with { Replayed = answer.Replayed && !opened.IsRefused };
    }

    /// <summary>One live agent for each skill, that has not blocked the one that asks. Where a conversation is there already, it has those that were chosen first.</summary>
    private async Task<(IReadOnlyList<ChosenMember> Chosen, Rejection? Nobody)> Choose(PeerCaller caller, OpenRequest asked)
    {
        var (all, passed) = (new List<ChosenMember>(), new HashSet<string>(asked.Named, StringComparer.Ordinal) { caller.AgentId });
        foreach (var skill in asked.Skills)
        {
            if (await sessions.Beyond(caller, []) is { } noPeers) return (all, noPeers);

            using var one = await chooser.Choose(caller.Tenant, skill, agent => caller.Session?.Scopes.Beyond([agent]) is null, passed, caller.Context.CommandId, caller.AgentId);
            if (one is null) return (all, ConversationRejection.NobodyOffers(skill));

            all.Add(new(one.AgentId, skill));
        }

        return (all, null);
    }

    /// <summary>Conversations that the agent takes part in, was invited to, or has left, newest first.</summary>
    public Task<(IReadOnlyList<NamedRow> Rows, Total Total)> List(PeerCaller caller, Page page, CancellationToken cancel) => tables.In(caller.Tenant).Page(
        ConversationTables.Members, page, [new("updated_at", Descending: true), new("conversation_id", Descending: true)], cancel, TableReader.Is("agent_id", caller.AgentId));

    public async Task<Result<ConversationView>> Get(PeerCaller caller, string id, CancellationToken cancel) =>
        Of<ConversationView>(await Ask(caller, id, new ConversationCommand.Get(caller.AgentId), cancel));

    /// <summary>A conversation in which the caller stands, as it is now. Null if it is not there, or not the caller's.</summary>
    public async Task<ConversationView?> View(PeerCaller caller, string id, CancellationToken cancel) => (await Ask(caller, id, new ConversationCommand.Get(caller.AgentId), cancel)).Reply as ConversationView;

    public async Task<Result<SaidMessage>> Say(PeerCaller caller, SayRequest asked, CancellationToken cancel)
    {
        if (await Wrong(caller, asked.ConversationId, cancel) is { } wrong) return Refused<SaidMessage>(wrong);
        if (await Beyond(caller, asked.ConversationId, cancel) is { } beyond) return Refused<SaidMessage>(beyond);

        if (asked.MessageId is { } given && MessageIds.TimeOf(given) is { } made && ConversationRejection.Untimely(made, times.Now(caller.Tenant)) is { } untimely)
        {
            return Refused<SaidMessage>(untimely);
        }

        var (messageId, context) = Known(caller, asked);
        var (path, notAsked) = await Path(caller, asked, cancel);
        if (notAsked is not null && !await IsDone(caller, asked.ConversationId, context, cancel)) return Refused<SaidMessage>(notAsked);

        var content = new Personal(StrictJson.Raw(asked.Content!.Value));
        var saying = new Saying(messageId, asked.ContentType, content.Utf8.Length, asked.ReplyTo, asked.ReplyWithinSeconds, asked.TtlSeconds, More: asked.More, Path: path);
        return await Commit(caller, asked.ConversationId, saying, content, context, cancel);
    }

    /// <summary>On whose behalf it is said: those above the session, and those of the request that the agent names, as its conversation knows them. Nobody says so themselves.</summary>
    private async Task<(IReadOnlyList<string>? Path, Rejection? NotAsked)> Path(PeerCaller caller, SayRequest asked, CancellationToken cancel)
    {
        if (asked.ReplyWithinSeconds is null) return (null, null); // it asks for nothing

        List<string> path = [.. caller.Session?.Path?.Select(node => node.AgentId) ?? []];
        if (asked.OnBehalfOf is { } request)
        {
            var answer = await Ask(caller, request.ConversationId, new ConversationCommand.GetRequest(caller.AgentId, request.MessageId), cancel);
            if (answer.Rejection is { } rejection) return (null, rejection);

            path.AddRange(answer.As<Asked>().Path.Except(path));
        }

        return (path.Count == 0 ? null : path, null);
    }

    private async Task<Result<SaidMessage>> Commit(PeerCaller caller, string id, Saying saying, Personal content, CommandContext context, CancellationToken cancel)
    {
        if (!await IsThere(caller, id, cancel)) return Refused<SaidMessage>(ConversationRejection.NotFound);

        var answer = await caller.InTurn(() => entities.In(caller.Tenant).Conversation(id).Send(new ConversationCommand.Say(caller.AgentId, saying, content), context, cancel));
        return Of(answer, entered => new SaidMessage(id, entered.As<Entered>().Number, saying.MessageId));
    }

    /// <summary>By what the message is known again: by its id, else by the idempotency key, else not.</summary>
    private (string MessageId, CommandContext Context) Known(PeerCaller caller, SayRequest asked) =>
        asked.MessageId is not { } messageId ? (caller.Context.CommandId.ToString("D"), caller.Context)
        : MessageIds.CommandOf(caller.Tenant.Name, asked.ConversationId, caller.AgentId, messageId) is { } command ? (messageId, new(command, System.Diagnostics.Activity.Current?.Id))
        : (messageId, Commands.Keyed(caller.Tenant, messageId, MessageIds.CredentialOf(asked.ConversationId, caller.AgentId), asked.Hash(), Limits.ClientKeyKept, times.Of(caller.Tenant)));

    /// <summary>What was said, as far as the agent was to hear it, in order.</summary>
    public async Task<Result<EntryPage>> Read(PeerCaller caller, EntriesRequest asked, CancellationToken cancel)
    {
        var answer = await Ask(caller, asked.ConversationId, new ConversationCommand.Get(caller.AgentId), cancel);
        if (answer.Rejection is { } rejection) return Refused<EntryPage>(rejection);
        if (answer.As<ConversationView>().You is not { } reader) return Refused<EntryPage>(ConversationRejection.NotFound);
        if (EntryPlace.Read(asked.After) is not { } after)
        {
            return Refused<EntryPage>(Findings.Invalid("after", "pattern", "It is no cursor of a conversation."));
        }

        var page = await log.Read(caller.Tenant.Conversation(asked.ConversationId), after, entry => reader.Hears(entry.Number) && entry.IsHeardBy(caller.AgentId), asked.Limit, cancel);
        return page is null ? Refused<EntryPage>(Findings.Invalid("after", "maximum", "Nothing stands there yet: it is no cursor of this conversation.")) : Result.Of(page);
    }

    public Task<Result<Entered>> Join(PeerCaller caller, string id, CancellationToken cancel) => Enter(caller, id, new ConversationCommand.Join(caller.AgentId), cancel);

    public Task<Result<Entered>> Leave(PeerCaller caller, string id, CancellationToken cancel) => Enter(caller, id, new ConversationCommand.Leave(caller.AgentId), cancel);

    public Task<Result<Entered>> Close(PeerCaller caller, string id, CancellationToken cancel) => Enter(caller, id, new ConversationCommand.Close(caller.AgentId), cancel);

    public async Task<Result<Entered>> Invite(PeerCaller caller, InviteRequest asked, CancellationToken cancel)
    {
        if (await Wrong(caller, asked.ConversationId, cancel) is { } wrong) return Refused<Entered>(wrong);
        if (await Unknown(caller, [asked.AgentId!], cancel) is { } unknown) return Refused<Entered>(unknown);

        var shown = await Get(caller, asked.ConversationId, cancel);
        if (shown.IsRefused) return Refused<Entered>(shown.Refusal);

        var view = shown.Value;
        IReadOnlyList<string> members = [.. view.Members.Where(member => !member.HasLeft).Select(member => member.AgentId).Append(asked.AgentId!).Distinct(StringComparer.Ordinal)];
        var blocks = await introductions.Blocks(caller, members, cancel);
        if (view.Owner == caller.AgentId && view.ClosedAt is null && !view.Members.Any(member => member.AgentId == asked.AgentId && !member.HasLeft))
        {
            if (ConversationDecider.Parted(caller.AgentId, [asked.AgentId!], blocks) is { } parted && !await IsDone(caller, asked.ConversationId, caller.Context, cancel))
            {
                return Refused<Entered>(parted);
            }

            if (await introductions.Note(caller, asked.ConversationId, [asked.AgentId!], cancel) is { } tooMany) return Refused<Entered>(tooMany);
        }

        var answer = await entities.In(caller.Tenant).Conversation(asked.ConversationId).Send(new ConversationCommand.Invite(caller.AgentId, asked.AgentId!, blocks), caller.Context, cancel);
        if (answer.Rejection is null)
        {
            await introductions.Tell(caller, asked.ConversationId, members, cancel);
        }

        return Of<Entered>(answer);
    }

    public async Task<Result<Acknowledged>> Acknowledge(PeerCaller caller, AcknowledgeRequest asked, CancellationToken cancel) => await Wrong(caller, asked.ConversationId, cancel) is { } wrong ? Refused<Acknowledged>(wrong)
        : Of<Acknowledged>(await Send(caller, asked.ConversationId, new ConversationCommand.Acknowledge(caller.AgentId, asked.Number), caller.Context, cancel));

    public async Task<Result<DeadLetterList>> DeadLetters(PeerCaller caller, string id, CancellationToken cancel) => Of<DeadLetterList>(await Ask(caller, id, new ConversationCommand.DeadLetters(caller.AgentId), cancel));

    /// <summary>Says a dead letter again. Only the journal has its content.</summary>
    public async Task<Result<SaidMessage>> Requeue(PeerCaller caller, LetterRequest asked, CancellationToken cancel)
    {
        var letters = await DeadLetters(caller, asked.ConversationId, cancel);
        if (letters.IsRefused) return Refused<SaidMessage>(letters.Refusal);

        var isLetter = letters.Value.Letters.Any(letter => letter.Number == asked.Letter && letter.From == caller.AgentId);
        var isKnown = isLetter || await IsDone(caller, asked.ConversationId, caller.Context, cancel);
        var said = isKnown && asked.Letter is { } number ? await log.Find(caller.Tenant.Conversation(asked.ConversationId), number, cancel) : null;
        if (said?.Happened is not ConversationEvent.Said { Content: { } content } message)
        {
            return Refused<SaidMessage>(ConversationRejection.NoSuchLetter);
        }
        if (await Beyond(caller, asked.ConversationId, cancel) is { } beyond) return Refused<SaidMessage>(beyond);

        var saying = new Saying(message.MessageId, message.ContentType, message.Bytes, message.ReplyTo, Requeues: asked.Letter, More: message.More, To: message.To);
        return await Commit(caller, asked.ConversationId, saying, content, caller.Context, cancel);
    }

    public Task<Result<Entered>> Drop(PeerCaller caller, LetterRequest asked, CancellationToken cancel) => asked.Letter is { } letter
        ? Enter(caller, asked.ConversationId, new ConversationCommand.Drop(caller.AgentId, letter), cancel) : Task.FromResult(Refused<Entered>(ConversationRejection.NoSuchLetter));

    /// <summary>Erases what was said. The result is the conversation's id.</summary>
    public async Task<Result<string>> Erase(PeerCaller caller, string id, CancellationToken cancel) => Of(await Send(caller, id, new ConversationCommand.Erase(caller.AgentId), caller.Context, cancel), _ => id);

    /// <summary>Sends a command to a conversation that is there. A made-up id brings nothing to life (ADR 0005).</summary>
    public async Task<Answer> Send(PeerCaller caller, string id, ConversationCommand command, CommandContext context, CancellationToken cancel) =>
        await IsThere(caller, id, cancel) ? await entities.In(caller.Tenant).Conversation(id).Send(command, context, cancel) : Answer.No(ConversationRejection.NotFound);

    /// <summary>The same, beside the caller's own command.</summary>
    public Task<Answer> Ask(PeerCaller caller, string id, ConversationCommand command, CancellationToken cancel) => Send(caller, id, command, Commands.Fresh(times.Of(caller.Tenant)), cancel);

    /// <summary>Whether the session of the call may talk to all that would hear it. Anybody hears an open conversation. Null if it may.</summary>
    public async Task<Rejection?> Beyond(PeerCaller caller, string id, CancellationToken cancel)
    {
        if (caller.Session is null) return null;

        var found = await Get(caller, id, cancel);
        return found.IsRefused ? found.Refusal
            : await sessions.Beyond(caller, [.. found.Value.Members.Where(m => !m.HasLeft && m.AgentId != caller.AgentId).Select(m => m.AgentId), .. found.Value.IsOpen ? (string[])[ScopeRules.All] : []]);
    }

    private async Task<Result<Entered>> Enter(PeerCaller caller, string id, ConversationCommand command, CancellationToken cancel) => Of<Entered>(await Send(caller, id, command, caller.Context, cancel));

    /// <summary>Refuses a conversation that is not there, or not the agent's, before it refuses the content.</summary>
    private async Task<Rejection?> Wrong(PeerCaller caller, string id, CancellationToken cancel) => caller.Wrong is not { } wrong ? null : (await Get(caller, id, cancel)).Refusal ?? wrong;

    /// <summary>Whether the caller's command was done before. Then it is answered as it was, whatever has changed since.</summary>
    private async Task<bool> IsDone(PeerCaller caller, string id, CommandContext context, CancellationToken cancel) =>
        await IsThere(caller, id, cancel) && await entities.In(caller.Tenant).Conversation(id).Outcome(context, cancel) is not null;

    // None ever goes away, so one that was found is not looked up again.
    private async Task<bool> IsThere(PeerCaller caller, string id, CancellationToken cancel)
    {
        if (_found.Has((caller.Tenant.Name, id))) return true;
        var found = await tables.In(caller.Tenant).One(ConversationTables.Conversations, cancel, TableReader.Is("conversation_id", id));
        if (found is null) return false;

        _found.Keep((caller.Tenant.Name, id), default);
        return true;
    }

    private async Task<Rejection?> Unknown(PeerCaller caller, IReadOnlyList<string> agents, CancellationToken cancel)
    {
        for (var index = 0; index < agents.Count; index++)
        {
            if (!await stored.IsThere(caller.Tenant, agents[index], cancel)) return AgentRejection.NotFound.With("agent_id", agents[index]);
        }

        return null;
    }

    private static Result<T> Of<T>(Answer answer)
        where T : class => Of(answer, static answer => answer.As<T>());

    private static Result<T> Of<T>(Answer answer, Func<Answer, T> read)
        where T : class => answer.Rejection is { } rejection ? Refused<T>(rejection) : Result.Of(read(answer)) with { Replayed = answer.Replayed };

    private static Result<T> Refused<T>(Rejection rejection)
        where T : class => Result.Refused<T>(rejection);
}

/// <summary>A message as its conversation took it.</summary>
/// <param name="Number">Its number among the entries of the conversation, from 1.</param>
internal sealed record SaidMessage(string ConversationId, long Number, string MessageId);
