using Agora.Core.Memories;
using Agora.Core.Users;

namespace Agora.Simulation.Checks;

/// <summary>How users want replies: each that is put and each erasure is the next version, and whoever reads finds the one that stood at some time while it read, and nobody else's. Each begins with whose it is.</summary>
public sealed class Preferences(Findings findings) : IChecker
{
    private readonly Dictionary<string, List<(int At, int Version, string? Text)>> _all = new(StringComparer.Ordinal);
    private readonly HashSet<string> _erased = new(StringComparer.Ordinal);
    private int _rows;

    /// <summary>So many were read and compared.</summary>
    public int Read { get; private set; }

    /// <summary>How far the journal is seen.</summary>
    public int Now => _rows;

    public void Happened(Committed committed)
    {
        _rows++;
        switch (committed.Event)
        {
            case MemoryEvent.Preferred e:
                Written(committed.Stream.Id, e.Version, e.Content?.Read<ReplyPreferences>()?.About);
                break;
            case MemoryEvent.Unpreferred e:
                Written(committed.Stream.Id, e.Version, null);
                break;
            case UserEvent.PersonalDataErased:
                _erased.Add(committed.Stream.Id);
                break;
        }
    }

    /// <param name="whose">With which each text begins.</param>
    /// <param name="began">As of <see cref="Now"/> when it was asked for.</param>
    /// <param name="found">Null: none.</param>
    public void Found(string stream, string user, string whose, int began, (int Version, string? Text)? found)
    {
        Read++;
        findings.Expect(found is not { Text: { } text } || text.StartsWith(whose, StringComparison.Ordinal), $"Whoever reads {stream} reads what is another's: {found?.Text}.");
        if (found is null && _erased.Contains(user)) return;

        var all = _all.GetValueOrDefault(stream) ?? [];
        var last = all.FindLastIndex(one => one.At <= began);
        var stood = all[Math.Max(last, 0)..];
        var isRight = found is { } one ? stood.Exists(version => version.Version == one.Version && (version.Text is null ? _erased.Contains(user) : version.Text == one.Text)) : last < 0 || stood.Exists(static version => version.Text is null);
        findings.Expect(isRight, $"Whoever reads {stream} finds {(found is null ? "nothing" : $"version {found.Value.Version}")}, and that stood at no time since; version {(last < 0 ? 0 : all[last].Version)} did.");
    }

    private void Written(string stream, int version, string? text)
    {
        var all = _all.TryGetValue(stream, out var known) ? known : _all[stream] = [];
        findings.Expect(version == all.Count + 1, $"Version {version} of {stream} follows {all.Count} others.");
        all.Add((_rows, version, text));
    }
}
