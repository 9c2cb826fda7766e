using System.Collections.Frozen;

namespace Agora.Api.Documents;

/// <summary>What members of replies mean, from members.txt, which is built in. A name means the same wherever it stands, unless a type says otherwise.</summary>
internal static class MemberMeanings
{
    private const string Suffix = "Data";
    private static readonly FrozenDictionary<string, string> Meanings = Read().ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<string> Names => Meanings.Keys;

    /// <returns>Under which of the names its meaning is found; null: nobody said what it means, and a test says so.</returns>
    public static (string Name, string Meaning)? Of(Type type, string member) =>
        Find($"{NameOf(type)}.{member}") ?? Find(member);

    public static string NameOf(Type type) => type.Name.EndsWith(Suffix, StringComparison.Ordinal) ? type.Name[..^Suffix.Length] : type.Name;

    private static (string, string)? Find(string name) => Meanings.TryGetValue(name, out var meaning) ? (name, meaning) : null;

    private static IEnumerable<KeyValuePair<string, string>> Read()
    {
        using var stream = typeof(MemberMeanings).Assembly.GetManifestResourceStream("members.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;

            var end = line.IndexOf(": ", StringComparison.Ordinal);
            yield return new(line[..end], line[(end + 2)..]);
        }
    }
}
