
namespace Agora.JsonSchema.Patterns;

/// <summary>The capturing groups of a pattern, found before it is translated: a reference may come before its group.</summary>
internal sealed class PatternGroups
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    /// <summary>Whether anything refers back to a group.</summary>
    public bool Referred { get; private set; }

    public static PatternGroups Find(string pattern)
    {
        var groups = new PatternGroups();
        bool inClass = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    groups.Referred |= !inClass && i < pattern.Length && pattern[i] is 'k' or (>= '1' and <= '9');
                    break;
                case '[':
                    inClass = true;
                    break;
                case ']':
                    inClass = false;
                    break;
                case '(' when !inClass:
                    groups.Open(pattern, i + 1);
                    break;
            }
        }
        return groups;
    }

    public int Number(string name) =>
        _numbers.TryGetValue(name, out int number) ? number : throw new PatternException($"there is no group named {name}");

    private void Open(string pattern, int at)
    {
        if (at >= pattern.Length || pattern[at] != '?')
        {
            Count++;
            return;
        }
        if (at + 2 >= pattern.Length || pattern[at + 1] != '<' || pattern[at + 2] is '=' or '!')
            return;
        int end = pattern.IndexOf('>', at);
        string name = end < 0 ? "" : pattern[(at + 2)..end];
        if (name.Length == 0 || char.IsDigit(name[0]) || !name.All(c => char.IsLetterOrDigit(c) || c is '_' or '$'))
            throw new PatternException("`(?<` must be followed by a name and `>`");
        if (!_numbers.TryAdd(name, ++Count))
            throw new PatternException($"two groups are named {name}");
    }
}
