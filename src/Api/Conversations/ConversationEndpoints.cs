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
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Conversations;

/// <summary>
/// What agents say to each other: conversations are opened, joined and left, messages said, read and acknowledged. A conversation's own stream decides; here its members are looked up, so that no
/// stranger's word brings an entity to life, and what was said is read from the journal.
/// </summary>
internal sealed class ConversationEndpoints(IEntities entities, StoredAgents stored, TableReader tables, ConversationLog log, SkillChooser chooser, TenantTimes times, Introductions introductions) : IFeature
{
    private const string IdExample = "0198c0de-0000-7000-8000-000000000001";

    private readonly Remembered<(string Tenant, string Id), ValueTuple> _found = new(TalkLimits.Found);

    private static readonly IReadOnlyList<string> Refusals =
        [Codes.NotFound, Codes.Forbidden, Codes.ScopeViolation, Codes.ConversationClosed, Codes.ValidationFailed, Codes.RateLimited, Codes.IdempotencyConflict, Codes.IdempotencyInFlight];

    public static readonly Operation<OpenRequest> Open = new(Audience.Peers, "open_conversation", "POST /conversations", "Open a conversation with other agents")
    {
        Read = OpenRequest.Read,
        Peers = static request => request.IsOpen ? [.. request.Named, ScopeRules.All] : request.Named,
        Status = StatusCodes.Status201Created,
        Data = typeof(ConversationData),
        Codes = [.. Refusals, Codes.Unavailable],
        BodyExample = """{"participants":["agent-2"],"topic":"Rates"}""",
        DataExample = ConversationData.Example,
    };

    public static readonly Operation<Page> List = new(Audience.Peers, "list_conversations", "GET /conversations", "Conversations that the agent takes part in, was invited to, or has left, newest first")
    {
        ListsIds = ["conversation_id", "number"],
        Read = static call => call.Query.Page(),
        Data = typeof(MembershipsData),
        DataExample = $$"""{"conversations":[{"conversation_id":"{{IdExample}}","standing":"joined","updated_at":"2030-01-01T00:00:00.000000Z"}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    public static readonly Operation<string> Get = new(Audience.Peers, "get_conversation", "GET /conversations/{conversation_id}", "A conversation as it is now: who is in it, and up to where each has received it")
    {
        Read = static call => call.Id("conversation_id"),
        Data = typeof(ConversationData),
        Codes = [Codes.NotFound],
        DataExample = ConversationData.Example,
    };

    public static readonly Operation<SayRequest> Say = new(Audience.Peers, "say", "POST /conversations/{conversation_id}/messages", "Say something in a conversation: it is durable when it is answered, and each member gets it")
    {
        Read = SayRequest.Read,
        SubjectFirst = static _ => true,
        Status = StatusCodes.Status201Created,
        Data = typeof(SaidData),
        Codes = [.. Refusals, Codes.NotAccepted, Codes.PayloadTooLarge, Codes.GrantExceeded],
        BodyExample = """{"message_id":"0198c0de-0000-7000-8000-000000000002","content":{"rate":7},"reply_within_seconds":60}""",
        DataExample = $$"""{"conversation_id":"{{IdExample}}","number":3,"message_id":"0198c0de-0000-7000-8000-000000000002"}""",
    };

    public static readonly Operation<EntriesRequest> Entries = new(Audience.Peers, "read_conversation", "GET /conversations/{conversation_id}/messages", "What was said in a conversation, as far as the agent was to hear it, in order")
    {
        Read = EntriesRequest.Read,
        Data = typeof(EntriesData),
        Codes = [Codes.NotFound, Codes.ValidationFailed],
        DataExample = $$"""{"entries":[{{InboxEntryData.Example}}],"next_cursor":"0000000000000004.000001"}""",
    };

    public static readonly Operation<string> Join = Plain("join_conversation", "join", "Take part in a conversation to which the agent was invited, or subscribe to an open one");

    public static readonly Operation<string> Leave = Plain("leave_conversation", "leave", "Leave a conversation: nothing more is heard of it");

    public static readonly Operation<string> Close = Plain("close_conversation", "close", "Close a conversation that the agent opened: nothing more is said in it");

    public static readonly Operation<InviteRequest> Invite = new(Audience.Peers, "invite", "POST /conversations/{conversation_id}/invite", "Invite another agent to a conversation that the agent opened")
    {
        Read = InviteRequest.Read,
        SubjectFirst = static _ => true,
        Peers = static request => request.AgentId is { } agent ? [agent] : [],
        Data = typeof(EnteredData),
        Codes = Refusals,
        BodyExample = """{"agent_id":"agent-3"}""",
        DataExample = $$"""{"conversation_id":"{{IdExample}}","number":4}""",
    };

    public static readonly Operation<AcknowledgeRequest> Acknowledge = new(Audience.Peers, "acknowledge", "POST /conversations/{conversation_id}/acknowledge", "Say up to which entry everything was received: it does not become a dead letter")
    {
        Read = AcknowledgeRequest.Read,
        SubjectFirst = static _ => true,
        Data = typeof(AcknowledgedData),
        Codes = Refusals,
        BodyExample = """{"number":3}""",
        DataExample = $$"""{"conversation_id":"{{IdExample}}","acknowledged":3}""",
    };

    public static readonly Operation<string> DeadLetters = new(Audience.Peers, "list_dead_letters", "GET /conversations/{conversation_id}/dead-letters", "Messages of a conversation that did not reach a member in time")
    {
        Read = static call => call.Id("conversation_id"),
        Data = typeof(DeadLettersData),
        Codes = [Codes.NotFound],
        DataExample = $$"""{"conversation_id":"{{IdExample}}","dead_letters":[{"number":3,"message_id":"0198c0de-0000-7000-8000-000000000002","agent_id":"agent-1","to":["agent-2"],"reason":"expired","at":"2030-01-01T00:00:00.000000Z"}]}""",
    };

    public static readonly Operation<LetterRequest> Requeue = new(Audience.Peers, "requeue_dead_letter", "POST /conversations/{conversation_id}/dead-letters/{number}/requeue", "Say a dead letter of the agent's own anew")
    {
        Read = LetterRequest.Read,
        Status = StatusCodes.Status201Created,
        Data = typeof(SaidData),
        Codes = [.. Refusals, Codes.NotAccepted, Codes.PayloadTooLarge],
        DataExample = $$"""{"conversation_id":"{{IdExample}}","number":7,"message_id":"0198c0de-0000-7000-8000-000000000002"}""",
    };

    public static readonly Operation<LetterRequest> Drop = new(Audience.Peers, "drop_dead_letter", "DELETE /conversations/{conversation_id}/dead-letters/{number}", "Give up a dead letter of the agent's own")
    {
        Read = LetterRequest.Read,
        Data = typeof(EnteredData),
        Codes = Refusals,
        DataExample = $$"""{"conversation_id":"{{IdExample}}","number":0}""",
    };

    public static readonly Operation<string> Erase = new(Audience.Peers, "erase_conversation", "DELETE /conversations/{conversation_id}", "Erase what was said in a conversation that the agent opened; it closes")
    {
        Read = static call => call.Id("conversation_id"),
        Data = typeof(ErasedConversationData),
        Codes = Refusals,
        DataExample = $$"""{"conversation_id":"{{IdExample}}"}""",
    };

    public void Map(Routes routes) => routes
        .Map(Open, OpenConversation).Map(List, ListConversations).Map(Get, GetConversation).Map(Erase, EraseConversation)
        .Map(Say, SaySomething).Map(Entries, ReadEntries)
        .Map(Join, (call, id) => Enter(call, id, new ConversationCommand.Join(call.AgentId)))
        .Map(Leave, (call, id) => Enter(call, id, new ConversationCommand.Leave(call.AgentId)))
        .Map(Close, CloseConversation)
        .Map(Invite, InviteAgent).Map(Acknowledge, AcknowledgeEntries)
        .Map(DeadLetters, ListDeadLetters).Map(Requeue, RequeueLetter)
        .Map(Drop, (call, asked) => asked.Letter is { } letter ? Enter(call, asked.ConversationId, new ConversationCommand.Drop(call.AgentId, letter)) : Task.FromResult(Reply.Refused(ConversationRejection.NoSuchLetter)));

    private static Operation<string> Plain(string name, string verb, string summary) => new(Audience.Peers, name, $"POST /conversations/{{conversation_id}}/{verb}", summary)
    {
        Read = static call => call.Id("conversation_id"),
        Data = typeof(EnteredData),
        Codes = Refusals,
        DataExample = $$"""{"conversation_id":"{{IdExample}}","number":3}""",
    };

    private Task<Reply> OpenConversation(PeerCall call, OpenRequest asked)
    {
        var context = call.Context(Limits.ClientKeyKept);
        return OpenConversation(call, context.CommandId.ToString("D"), asked, context);
    }

    /// <summary>Under an id that follows from what the caller asks for.</summary>
    public async Task<Reply> OpenConversation(PeerCall call, string id, OpenRequest asked, CommandContext context)
    {
        if (asked.Participants.Contains(call.AgentId))
        {
            return Reply.Refused(Findings.Invalid("participants", "not", "Whoever opens a conversation takes part in it: only others are invited."));
        }

        var named = asked.Named;
        if (await Unknown(call, named) is { } unknown) return Reply.Refused(unknown);

        var (chosen, nobody) = await Choose(call, asked, context.CommandId);
        if (nobody is not null && !await IsThere(call, id)) return Reply.Refused(nobody);

        List<string> invited = [.. named, .. chosen.Select(one => one.AgentId)];
        IReadOnlyList<string> members = [call.AgentId, .. invited];
        var blocks = await introductions.Blocks(call, members);
        if (ConversationDecider.Parted(call.AgentId, invited, blocks) is { } parted && !await IsThere(call, id)) return Reply.Refused(parted);
        if (await introductions.Note(call, context.CommandId, id, invited) is { } tooMany) return Reply.Refused(tooMany);

        var open = new ConversationCommand.Open(call.AgentId, invited, asked.Topic is { } topic ? Personal.Of(topic) : null, asked.IsOpen, asked.Limits, chosen.Count == 0 ? null : chosen, blocks);
        var answer = await entities.In(call.Tenant).Conversation(id).Send(open, context, call.Cancel);
        if (answer.Rejection is { } rejection) return Reply.Refused(rejection);

        await introductions.Tell(call, id, members);

        var shown = await Show(call, id);
        return shown.Refusal is null ? Reply.Created(shown.Data!) with { Replayed = answer.Replayed } : shown;
    }

    /// <summary>One live agent for each skill, that has not blocked the one that asks. Where a conversation is there already, it has those that were chosen first.</summary>
    private async Task<(IReadOnlyList<ChosenMember> Chosen, Rejection? Nobody)> Choose(PeerCall call, OpenRequest asked, Guid basis)
    {
        var (all, passed) = (new List<ChosenMember>(), new HashSet<string>(asked.Named, StringComparer.Ordinal) { call.AgentId });
        foreach (var skill in asked.Skills)
        {
            if (await call.Beyond([]) is { } noPeers) return (all, noPeers);

            using var one = await chooser.Choose(call.Tenant, skill, agent => call.Session?.Scopes.Beyond([agent]) is null, passed, basis, call.AgentId);
            if (one is null) return (all, ConversationRejection.NobodyOffers(skill));

            all.Add(new(one.AgentId, skill));
        }

        return (all, null);
    }

    private async Task<Reply> ListConversations(PeerCall call, Page page)
    {
        var (rows, total) = await tables.In(call.Tenant).Page(
            ConversationTables.Members, page, [new("updated_at", Descending: true), new("conversation_id", Descending: true)], call.Cancel, TableReader.Is("agent_id", call.AgentId));
        return Reply.Ok(new MembershipsData(
            [.. rows.Select(row => new MembershipData(row.Text("conversation_id"), row.Text("standing"), Timestamps.FromMicros(row.Number("updated_at"))))], total.Number, total.Unknown(call.Words), page.Offset, page.Limit));
    }

    private Task<Reply> GetConversation(PeerCall call, string id) => Show(call, id);

    public Task<Reply> CloseConversation(PeerCall call, string id) => Enter(call, id, new ConversationCommand.Close(call.AgentId));

    /// <summary>Of a conversation in which the caller stands, as it is now; null: it is not there, or not the caller's.</summary>
    public async Task<ConversationView?> View(PeerCall call, string id) => (await Send(call, id, new ConversationCommand.Get(call.AgentId), call.Fresh())).Reply as ConversationView;

    public async Task<Reply> SaySomething(PeerCall call, SayRequest asked)
    {
        if (await Wrong(call, asked.ConversationId) is { } wrong) return Reply.Refused(wrong);
        if (await Beyond(call, asked.ConversationId) is { } beyond) return Reply.Refused(beyond);

        if (asked.MessageId is { } given && MessageIds.TimeOf(given) is { } made && ConversationRejection.Untimely(made, call.Now) is { } untimely)
        {
            return Reply.Refused(untimely);
        }

        var (messageId, context) = Known(call, asked);
        var (path, notAsked) = await Path(call, asked);
        if (notAsked is not null && !await IsDone(call, asked.ConversationId, context)) return Reply.Refused(notAsked);

        var content = new Personal(StrictJson.Raw(asked.Content!.Value));
        var saying = new Saying(messageId, asked.ContentType, content.Utf8.Length, asked.ReplyTo, asked.ReplyWithinSeconds, asked.TtlSeconds, More: asked.More, Path: path);
        return await Commit(call, asked.ConversationId, saying, content, context);
    }

    /// <summary>On whose behalf it is said: those above the session, and those of the request that the agent names, as its conversation knows them. Nobody says so themselves.</summary>
    private async Task<(IReadOnlyList<string>? Path, Rejection? NotAsked)> Path(PeerCall call, SayRequest asked)
    {
        if (asked.ReplyWithinSeconds is null) return (null, null); // it asks for nothing

        List<string> path = [.. call.Session?.Path?.Select(node => node.AgentId) ?? []];
        if (asked.OnBehalfOf is { } request)
        {
            var answer = await Send(call, request.ConversationId, new ConversationCommand.GetRequest(call.AgentId, request.MessageId), call.Fresh());
            if (answer.Rejection is { } rejection) return (null, rejection);

            path.AddRange(answer.As<Asked>().Path.Except(path));
        }

        return (path.Count == 0 ? null : path, null);
    }

    private async Task<Reply> Commit(PeerCall call, string id, Saying saying, Personal content, CommandContext context)
    {
        if (!await IsThere(call, id)) return Reply.Refused(ConversationRejection.NotFound);

        var answer = await call.InTurn(() => entities.In(call.Tenant).Conversation(id).Send(new ConversationCommand.Say(call.AgentId, saying, content), context, call.Cancel));
        return answer.Rejection is { } rejection ? Reply.Refused(rejection) : Reply.Created(new SaidData(id, answer.As<Entered>().Number, saying.MessageId)) with { Replayed = answer.Replayed };
    }

    /// <summary>By what the message is known again: by its id, else by the idempotency key, else not.</summary>
    private (string MessageId, CommandContext Context) Known(PeerCall call, SayRequest asked)
    {
        if (asked.MessageId is not { } messageId)
        {
            var own = call.Context(Limits.ClientKeyKept);
            return (own.CommandId.ToString("D"), own);
        }

        return MessageIds.CommandOf(call.Tenant.Name, asked.ConversationId, call.AgentId, messageId) is { } command
            ? (messageId, new(command, System.Diagnostics.Activity.Current?.Id))
            : (messageId, Commands.Keyed(call.Tenant, messageId, MessageIds.CredentialOf(asked.ConversationId, call.AgentId), asked.Hash(), Limits.ClientKeyKept, times.Of(call.Tenant)));
    }

    private async Task<Reply> ReadEntries(PeerCall call, EntriesRequest asked)
    {
        var answer = await Send(call, asked.ConversationId, new ConversationCommand.Get(call.AgentId), call.Fresh());
        if (answer.Rejection is { } rejection) return Reply.Refused(rejection);
        if (answer.As<ConversationView>().You is not { } reader) return Reply.Refused(ConversationRejection.NotFound);
        if (EntryPlace.Read(asked.After) is not { } after)
        {
            return Reply.Refused(Findings.Invalid("after", "pattern", "It is no cursor of a conversation."));
        }

        var stream = call.Tenant.Conversation(asked.ConversationId);
        var page = await log.Read(stream, after, entry => reader.Hears(entry.Number) && entry.IsHeardBy(call.AgentId), asked.Limit, call.Cancel);
        return page is null ? Reply.Refused(Findings.Invalid("after", "maximum", "Nothing stands there yet: it is no cursor of this conversation.")) : Reply.Ok(new EntriesData([.. page.Entries.Select(InboxEntryData.Of)], page.Next.ToString())) with { UntrustedFields = InboxEntryData.Untrusted };
    }

    private async Task<Reply> InviteAgent(PeerCall call, InviteRequest asked)
    {
        if (await Wrong(call, asked.ConversationId) is { } wrong) return Reply.Refused(wrong);
        if (await Unknown(call, [asked.AgentId!]) is { } unknown) return Reply.Refused(unknown);

        var shown = await Send(call, asked.ConversationId, new ConversationCommand.Get(call.AgentId), call.Fresh());
        if (shown.Rejection is { } hidden) return Reply.Refused(hidden);

        var view = (ConversationView)shown.Reply!;
        IReadOnlyList<string> members = [.. view.Members.Where(member => !member.HasLeft).Select(member => member.AgentId).Append(asked.AgentId!).Distinct(StringComparer.Ordinal)];
        var blocks = await introductions.Blocks(call, members);
        var (context, conversation) = (call.Context(Limits.ClientKeyKept), entities.In(call.Tenant).Conversation(asked.ConversationId));
        if (view.Owner == call.AgentId && view.ClosedAt is null && !view.Members.Any(member => member.AgentId == asked.AgentId && !member.HasLeft))
        {
            if (ConversationDecider.Parted(call.AgentId, [asked.AgentId!], blocks) is { } parted && !await IsDone(call, asked.ConversationId, context))
            {
                return Reply.Refused(parted);
            }

            if (await introductions.Note(call, context.CommandId, asked.ConversationId, [asked.AgentId!]) is { } tooMany)
            {
                return Reply.Refused(tooMany);
            }
        }

        var answer = await conversation.Send(new ConversationCommand.Invite(call.AgentId, asked.AgentId!, blocks), context, call.Cancel);
        if (answer.Rejection is { } rejection) return Reply.Refused(rejection);

        await introductions.Tell(call, asked.ConversationId, members);
        return Reply.Ok(new EnteredData(asked.ConversationId, answer.As<Entered>().Number)) with { Replayed = answer.Replayed };
    }

    public async Task<Reply> AcknowledgeEntries(PeerCall call, AcknowledgeRequest asked)
    {
        if (await Wrong(call, asked.ConversationId) is { } wrong) return Reply.Refused(wrong);

        var answer = await Send(call, asked.ConversationId, new ConversationCommand.Acknowledge(call.AgentId, asked.Number), call.Context(Limits.ClientKeyKept));
        return answer.Rejection is { } rejection ? Reply.Refused(rejection) : Reply.Ok(new AcknowledgedData(asked.ConversationId, answer.As<Acknowledged>().Number)) with { Replayed = answer.Replayed };
    }

    private async Task<Reply> ListDeadLetters(PeerCall call, string id)
    {
        var answer = await Send(call, id, new ConversationCommand.DeadLetters(call.AgentId), call.Fresh());
        return answer.Rejection is { } rejection ? Reply.Refused(rejection)
            : Reply.Ok(new DeadLettersData(id, [.. answer.As<DeadLetterList>().Letters.Select(DeadLetterData.Of)])) with { UntrustedFields = ["data.dead_letters[].message_id"] };
    }

    /// <summary>Its content stands in the journal alone.</summary>
    private async Task<Reply> RequeueLetter(PeerCall call, LetterRequest asked)
    {
        var answer = await Send(call, asked.ConversationId, new ConversationCommand.DeadLetters(call.AgentId), call.Fresh());
        if (answer.Rejection is { } rejection) return Reply.Refused(rejection);

        var context = call.Context(Limits.ClientKeyKept);
        var isLetter = answer.As<DeadLetterList>().Letters.Any(letter => letter.Number == asked.Letter && letter.From == call.AgentId);
        var isKnown = isLetter || await IsDone(call, asked.ConversationId, context);
        var said = isKnown && asked.Letter is { } number ? await log.Find(call.Tenant.Conversation(asked.ConversationId), number, call.Cancel) : null;
        if (said?.Happened is not ConversationEvent.Said { Content: { } content } message) return Reply.Refused(ConversationRejection.NoSuchLetter);
        if (await Beyond(call, asked.ConversationId) is { } beyond) return Reply.Refused(beyond);

        var saying = new Saying(message.MessageId, message.ContentType, message.Bytes, message.ReplyTo, Requeues: asked.Letter, More: message.More, To: message.To);
        return await Commit(call, asked.ConversationId, saying, content, context);
    }

    private async Task<Reply> EraseConversation(PeerCall call, string id)
    {
        var answer = await Send(call, id, new ConversationCommand.Erase(call.AgentId), call.Context(Limits.ClientKeyKept));
        return answer.Rejection is { } rejection ? Reply.Refused(rejection) : Reply.Ok(new ErasedConversationData(id)) with { Replayed = answer.Replayed };
    }

    private async Task<Reply> Enter(PeerCall call, string id, ConversationCommand command)
    {
        var answer = await Send(call, id, command, call.Context(Limits.ClientKeyKept));
        return answer.Rejection is { } rejection ? Reply.Refused(rejection) : Reply.Ok(new EnteredData(id, answer.As<Entered>().Number)) with { Replayed = answer.Replayed };
    }

    private async Task<Reply> Show(PeerCall call, string id)
    {
        var answer = await Send(call, id, new ConversationCommand.Get(call.AgentId), call.Fresh());
        return answer.Rejection is { } rejection ? Reply.Refused(rejection) : Reply.Ok(ConversationData.Of(answer.As<ConversationView>())) with { UntrustedFields = ["data.topic"] };
    }

    /// <summary>Only one that is there is asked: a made-up id brings nothing to life (ADR 0005).</summary>
    public async Task<Answer> Send(PeerCall call, string id, ConversationCommand command, CommandContext context) =>
        await IsThere(call, id) ? await entities.In(call.Tenant).Conversation(id).Send(command, context, call.Cancel) : Answer.No(ConversationRejection.NotFound);

    /// <summary>A conversation that is not there, or not the agent's, is told before what is wrong with the content.</summary>
    private async Task<Rejection?> Wrong(PeerCall call, string id) => call.Findings.Refusal is not { } refusal ? null : (await Send(call, id, new ConversationCommand.Get(call.AgentId), call.Fresh())).Rejection ?? refusal;

    /// <summary>Whether the caller's request was done before: then it is answered as it was, whatever became since of what it rests on.</summary>
    private async Task<bool> IsDone(PeerCall call, string id, CommandContext context) =>
        await IsThere(call, id) && await entities.In(call.Tenant).Conversation(id).Outcome(context, call.Cancel) is not null;

    // None ever goes away, so one that was found is not looked up again.
    private async Task<bool> IsThere(PeerCall call, string id)
    {
        if (_found.Has((call.Tenant.Name, id))) return true;
        var found = await tables.In(call.Tenant).One(ConversationTables.Conversations, call.Cancel, TableReader.Is("conversation_id", id));
        if (found is null) return false;

        _found.Keep((call.Tenant.Name, id), default);
        return true;
    }

    /// <summary>Of a session: whoever would hear it is within its scope; an open conversation anybody does.</summary>
    public async Task<Rejection?> Beyond(PeerCall call, string id)
    {
        if (call.Session is null) return null;

        var answer = await Send(call, id, new ConversationCommand.Get(call.AgentId), call.Fresh());
        if (answer.Rejection is { } rejection) return rejection;

        var view = answer.As<ConversationView>();
        return await call.Beyond([.. view.Members.Where(m => !m.HasLeft && m.AgentId != call.AgentId).Select(m => m.AgentId), .. view.IsOpen ? (string[])[ScopeRules.All] : []]);
    }

    private async Task<Rejection?> Unknown(PeerCall call, IReadOnlyList<string> agents)
    {
        for (var index = 0; index < agents.Count; index++)
        {
            if (!await stored.IsThere(call.Tenant, agents[index], call.Cancel)) return AgentRejection.NotFound.With("agent_id", agents[index]);
        }

        return null;
    }
}
