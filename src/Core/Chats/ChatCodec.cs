using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Chats;

/// <summary>Stored names, for ever.</summary>
public static class ChatCodec
{
    public static readonly UnionCodec<ChatEvent> Events = new UnionCodec<ChatEvent>()
        .Case<ChatEvent.Begun>("chat.begun")
        .Case<ChatEvent.Asked>("chat.asked", personal: e => e.Content, with: (e, content) => e with { Content = content })
        .Case<ChatEvent.RepliedAnew>("chat.replied_anew")
        .Case<ChatEvent.Summarized>("chat.summarized", personal: e => e.Text, with: (e, text) => e with { Text = text })
        .Case<ChatEvent.Rated>("chat.rated", personal: e => e.Content, with: (e, content) => e with { Content = content })
        .Case<ChatEvent.Deleted>("chat.deleted")
        .Case<ChatEvent.PlayBegun>("chat.play_begun", personal: e => e.Definition, with: (e, definition) => e with { Definition = definition })
        .Case<ChatEvent.HintAsked>("chat.hint_asked")
        .Case<ChatEvent.HintGiven>("chat.hint_given", personal: e => e.Text, with: (e, text) => e with { Text = text })
        .Case<ChatEvent.HintFailed>("chat.hint_failed")
        .Case<ChatEvent.PlayEnded>("chat.play_ended")
        .Case<ChatEvent.Judged>("chat.judged")
        .Case<ChatEvent.JudgeAsked>("chat.judge_asked")
        .Case<ChatEvent.JudgeFailed>("chat.judge_failed")
        .Case<ChatEvent.Scored>("chat.scored", personal: e => e.Reasons, with: (e, reasons) => e with { Reasons = reasons })
        .Case<ChatEvent.Imported>("chat.imported", personal: e => e.Content, with: (e, content) => e with { Content = content });

    public static readonly UnionCodec<ChatCommand> Commands = new UnionCodec<ChatCommand>()
        .Case<ChatCommand.Ask>("chat.ask")
        .Case<ChatCommand.ReplyAnew>("chat.reply_anew")
        .Case<ChatCommand.Summarize>("chat.summarize")
        .Case<ChatCommand.Rate>("chat.rate")
        .Case<ChatCommand.Get>("chat.get")
        .Case<ChatCommand.Delete>("chat.delete")
        .Case<ChatCommand.Tick>("chat.tick")
        .Case<ChatCommand.BeginPlay>("chat.begin_play")
        .Case<ChatCommand.AskHint>("chat.ask_hint")
        .Case<ChatCommand.GiveHint>("chat.give_hint")
        .Case<ChatCommand.FailHint>("chat.fail_hint")
        .Case<ChatCommand.AskJudge>("chat.ask_judge")
        .Case<ChatCommand.FailJudge>("chat.fail_judge")
        .Case<ChatCommand.EndPlay>("chat.end_play")
        .Case<ChatCommand.Judge>("chat.judge")
        .Case<ChatCommand.Score>("chat.score")
        .Case<ChatCommand.Import>("chat.import");

    public static byte[] Save(ChatState s) =>
        JsonSerializer.SerializeToUtf8Bytes(new Saved(s.Stream.ToString(), s.AgentId, s.CreatedAt, s.Turns, s.Summaries.IsEmpty ? null : [.. s.Summaries], s.Bytes, s.IsDeleted, s.Play), StoredJson.Options);

    public static ChatState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(s.Stream), s.AgentId, s.CreatedAt, [.. s.Turns], [.. s.Summaries ?? []], s.Bytes, s.IsDeleted, s.Play);
    }

    private sealed record Saved(string Stream, string? AgentId, DateTimeOffset CreatedAt, IReadOnlyList<ChatTurn> Turns, IReadOnlyList<int>? Summaries, int Bytes, bool IsDeleted, PlayState? Play = null);
}
