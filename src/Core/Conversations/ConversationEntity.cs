using Agora.Core.Kernel;

namespace Agora.Core.Conversations;

/// <summary>What agents say to each other, in one order.</summary>
public static class ConversationEntity
{
    public const string Kind = Kinds.Conversation;

    public static Entity<ConversationState, ConversationCommand, ConversationEvent> Entity { get; } = new(Kind)
    {
        Events = ConversationCodec.Events,
        Commands = ConversationCodec.Commands,
        Answers = new UnionCodec<object>()
            .Case<Entered>("answer.conversation_entered")
            .Case<Repeated>("answer.conversation_repeated")
            .Case<Acknowledged>("answer.conversation_acknowledged")
            .Case<Asked>("answer.conversation_asked")
            .Case<ConversationView>("answer.conversation")
            .Case<DeadLetterList>("answer.conversation_dead_letters"),
        Tables = [ConversationTables.Conversations, ConversationTables.Members, ConversationTables.Days],
        Snapshots = new(3, ConversationCodec.Save, ConversationCodec.Restore), // version 1 does not know of blocks, version 2 of streams
        Initial = ConversationState.Initial,
        Decide = ConversationDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, thorough) => state.CheckInvariants(thorough),
        Due = static state => state.Due,
        Recall = ConversationDecider.Recall,
        Rows = ConversationTables.Rows,
        PersonalKey = static state => state.PersonalKey,
        Tick = new ConversationCommand.Tick(),
    };
}
