using Agora.Core.Chats;
using Agora.Core.Moves;

namespace Agora.Simulation.Checks;

/// <summary>
/// What comes from an older chat: however many import at once, and whatever is said meanwhile, a turn stands once behind the one that it follows; a session is known once, and comes once.
/// </summary>
public sealed class Imports(Findings findings) : IChecker
{
    private readonly Dictionary<string, List<(int Number, int After, string? Text)>> _turns = new(StringComparer.Ordinal);
    private readonly HashSet<(string Move, string Session)> _known = [], _came = [];

    /// <summary>Turns that came.</summary>
    public int Count { get; private set; }

    /// <summary>What is said at the older chat, by the chats in which it is to stand: it grows.</summary>
    public Dictionary<string, List<string>> There { get; } = new(StringComparer.Ordinal);

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case ChatEvent.Asked e:
                Turns(committed.Stream.Id).Add((e.Number, e.After, null));
                break;
            case ChatEvent.Imported e:
                Import(committed.Stream.Id, e);
                break;
            case MoveEvent.Known e:
                findings.Expect(_known.Add((committed.Stream.Id, e.Session)), $"A session of {committed.Stream} is known twice.");
                break;
            case MoveEvent.Came e:
                findings.Expect(_known.Contains((committed.Stream.Id, e.Session)) && _came.Add((committed.Stream.Id, e.Session)), $"A session of {committed.Stream} comes twice, or was not known.");
                break;
        }
    }

    /// <summary>As the product walks: from a turn to one that follows it and says the same.</summary>
    public (int Turns, IReadOnlyList<int> Known) Walk(string chat)
    {
        var (turns, known) = (Turns(chat), new List<int>());
        foreach (var text in There[chat])
        {
            var at = known.Count == 0 ? 0 : known[^1];
            if (turns.Find(turn => turn.After == at && turn.Text == text) is not { Number: > 0 and var next }) break;

            known.Add(next);
        }

        return (turns.Count, known);
    }

    private void Import(string chat, ChatEvent.Imported e)
    {
        var (turns, words) = (Turns(chat), e.Content?.Read<IReadOnlyList<ChatImportedWords>>());
        findings.Expect(e.First == turns.Count + 1, $"Turn {e.First} of {chat} comes behind {turns.Count} others.");
        for (var i = 0; i < e.Turns.Count; i++)
        {
            var (number, after, text) = (e.First + i, i == 0 ? e.After : e.First + i - 1, words?[i].Text);
            findings.Expect(text is null || !turns.Exists(turn => turn.After == after && turn.Text == text), $"Turn {number} of {chat} says what one of the same place says: {text}.");
            turns.Add((number, after, text));
            Count++;
        }
    }

    private List<(int Number, int After, string? Text)> Turns(string chat) => _turns.TryGetValue(chat, out var turns) ? turns : _turns[chat] = [];
}
