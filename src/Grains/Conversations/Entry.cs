using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Conversations;

/// <summary>What members of a conversation are told, as it stands in the journal.</summary>
/// <param name="Seq">Of its row.</param>
/// <param name="Index">Which of the row's entries it is.</param>
public sealed record Entry(StreamId Conversation, long Seq, int Index, DateTimeOffset At, ConversationEvent Happened)
{
    /// <summary>No other follows in its row.</summary>
    public bool IsLast { get; private init; }

    public long Number => Happened.Entry;

    /// <summary>Nobody is told what it did itself, or what somebody said whom it has blocked; how a message ended, its sender alone.</summary>
    public bool IsFor(string agentId) => Happened switch
    {
        ConversationEvent.Opened e => e.Owner != agentId,
        ConversationEvent.Said e => e.From != agentId && IsHeardBy(agentId),
        ConversationEvent.Joined e => e.AgentId != agentId,
        ConversationEvent.Left e => e.AgentId != agentId,
        ConversationEvent.Invited e => e.By != agentId,
        ConversationEvent.Closed e => e.By != agentId,
        ConversationEvent.Unanswered e => e.From == agentId,
        ConversationEvent.Died e => e.Letter.From == agentId,
        _ => false,
    };

    /// <summary>It is none of what the agent wants to hear nothing of.</summary>
    public bool IsHeardBy(string agentId) => Happened is not ConversationEvent.Said { Unheard: { } unheard } || !unheard.Contains(agentId);

    /// <summary>Entries of a conversation's row, in their order, and who subscribed between them, or that all was erased, which nobody is told; of what was erased without its content.</summary>
    public static async ValueTask<IReadOnlyList<Entry>> Open(JournalRow row, PersonalKeys keys)
    {
        var (entries, stream) = (new List<Entry>(), StreamId.Parse(row.Stream));
        foreach (var written in RowCodec.Decode(row))
        {
            for (var index = 0; index < written.Events.Count; index++)
            {
                if (written.Events[index].Name == ConversationCodec.Acknowledged) continue;

                var happened = await keys.Open(ConversationEntity.Entity.Events, row.Stream, written, index);
                if (happened.Entry > 0 || happened is ConversationEvent.Subscribed or ConversationEvent.Unsubscribed or ConversationEvent.Erased)
                {
                    entries.Add(new(stream, row.Seq, entries.Count, Timestamps.FromMicros(written.AtMicros), happened));
                }
            }
        }

        if (entries.Count > 0)
        {
            entries[^1] = entries[^1] with { IsLast = true };
        }

        return entries;
    }
}
