using Agora.Core.Memories;
using Agora.Core.Users;

namespace Agora.Simulation.Checks;

/// <summary>
/// What is remembered of a user: whoever reads it finds what stood in the books all the while it read, nothing that stood there at no time of it, and nothing of anybody else. Each text begins with whose it is.
/// </summary>
public sealed class Memories(Findings findings) : IChecker
{
    private readonly Dictionary<Guid, Memory> _all = [];
    private readonly HashSet<string> _erased = new(StringComparer.Ordinal);
    private int _rows;

    /// <summary>So many were read and compared.</summary>
    public int Read { get; private set; }

    public IReadOnlyList<Guid> Of(string book) => [.. _all.Where(memory => memory.Value.Book == book && memory.Value.ForgottenAt is null).Select(static memory => memory.Key).Order()];

    /// <summary>How far the journal is seen: what is read afterwards has all of it.</summary>
    public int Now => _rows;

    public void Happened(Committed committed)
    {
        _rows++;
        switch (committed.Event)
        {
            case MemoryEvent.Kept e:
                findings.Expect(_all.TryAdd(e.MemoryId, new(committed.Stream.Id, _rows, [(_rows, TextOf(e.Content))])), $"Memory {e.MemoryId} is kept twice.");
                break;
            case MemoryEvent.Edited e:
                findings.Expect(_all[e.MemoryId].ForgottenAt is null, $"Memory {e.MemoryId} is edited though it was forgotten.");
                _all[e.MemoryId].Texts.Add((_rows, TextOf(e.Content)));
                break;
            case MemoryEvent.Forgotten e:
                _all[e.MemoryId].ForgottenAt ??= _rows;
                break;
            case UserEvent.PersonalDataErased:
                _erased.Add(committed.Stream.Id);
                break;
        }
    }

    /// <param name="whose">With which each text begins.</param>
    /// <param name="began">As of <see cref="Now"/> when it was asked for.</param>
    /// <param name="isWhole">It is all that there is.</param>
    public void Found(string book, string user, string whose, int began, IReadOnlyList<(Guid Id, string? Text)> found, bool isWhole)
    {
        Read += found.Count;
        foreach (var (id, text) in found)
        {
            findings.Expect(_all.TryGetValue(id, out var memory) && memory.Book == book, $"A search of {book} finds memory {id}, which is {memory?.Book ?? "nobody's"}.");
            if (memory is null) continue;

            findings.Expect(memory.ForgottenAt is null || memory.ForgottenAt > began, $"A search of {book} finds memory {id}, which was forgotten before.");
            findings.Expect(text is null || text.StartsWith(whose, StringComparison.Ordinal), $"A search of {book} finds memory {id}, which says what is another's: {text}.");
            findings.Expect(text is null || _erased.Contains(user) || memory.Says(text, began), $"A search of {book} finds that memory {id} says {text}, which it said at no time since.");
        }

        if (!isWhole || _erased.Contains(user)) return;

        var missing = _all.Where(memory => memory.Value.Book == book && memory.Value.KeptAt <= began && memory.Value.ForgottenAt is null).Select(static memory => memory.Key).Except(found.Select(static one => one.Id)).ToList();
        findings.Expect(missing.Count == 0, $"A search of {book} does not find memory {missing.FirstOrDefault()}, which was kept before.");
    }

    private static string? TextOf(Core.Kernel.Personal? content) => content?.Read<MemoryContent>()?.Text;

    private sealed record Memory(string Book, int KeptAt, List<(int At, string? Text)> Texts)
    {
        public int? ForgottenAt { get; set; }

        /// <summary>It was its text at some time from then on.</summary>
        public bool Says(string text, int from) => Texts.Select((said, n) => (said.Text, Until: n + 1 < Texts.Count ? Texts[n + 1].At : int.MaxValue)).Any(said => said.Until > from && (said.Text is null || said.Text == text));
    }
}
