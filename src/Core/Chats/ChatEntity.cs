using Agora.Core.Kernel;

namespace Agora.Core.Chats;

/// <summary>What a user says to models, turn by turn, in as many branches as it likes. Each reply is a response of its own run, which the door to models keeps.</summary>
public static class ChatEntity
{
    public const string Kind = Kinds.Chat;

    public static Entity<ChatState, ChatCommand, ChatEvent> Entity { get; } = new(Kind)
    {
        Events = ChatCodec.Events,
        Commands = ChatCodec.Commands,
        Answers = new UnionCodec<object>().Case<ChatView>("answer.chat").Case<ChatTurnKept>("answer.chat_turn_kept"),
        Snapshots = new(1, ChatCodec.Save, ChatCodec.Restore),
        Initial = ChatState.Initial,
        Decide = ChatDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, _) => state.CheckInvariants(),
        Tables = [ChatTables.Chats, ChatTables.Feedback, PlayTables.Plays, PlayTables.Scores],
        Rows = ChatTables.Rows,
        Recall = ChatDecider.Recall,
        PersonalKey = static state => state.PersonalKey,
        Tick = new ChatCommand.Tick(),
    };
}
