using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Agora.Testing.Attackers;

/// <summary>What somebody said, and all forms in which it could still be found: as it is, in hexadecimal and base64, and as a plain hash of any text that held nothing else unknown.</summary>
public sealed class KnownWords
{
    private readonly List<(string What, byte[] Bytes)> _needles = [];

    public string Say(string word)
    {
        Word(word);
        Content($"\"{word}\"");
        Content(word);
        return word;
    }

    public KnownWords Word(string word)
    {
        var bytes = Encoding.UTF8.GetBytes(word);
        Add(word, bytes);
        Add($"hex of {word}", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes)));
        for (var shift = 0; shift < 3; shift++)
        {
            // Of base64 the characters that depend on nothing but the word.
            var text = Convert.ToBase64String([.. new byte[shift], .. bytes]);
            Add($"base64 of {word}", Encoding.ASCII.GetBytes(text[(shift == 0 ? 0 : 4)..^4]));
        }

        return this;
    }

    public void Request(string method, string path, string body)
    {
        Content(body);
        Content($"{method}\n{path}\n{body}");
    }

    /// <summary>A text of which no plain hash may be left.</summary>
    public void Content(string text)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        Add($"SHA-256 of {text}", hash);
        Add($"SHA-256 of {text}", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash)));
        Add($"SHA-256 of {text}", Encoding.ASCII.GetBytes(Convert.ToHexString(hash)));
        Add($"SHA-256 of {text}", Encoding.ASCII.GetBytes(Base64Url.EncodeToString(hash)));
        Add($"SHA-256 of {text}", Encoding.ASCII.GetBytes(Convert.ToBase64String(hash)));
    }

    /// <summary>Every file below the directory.</summary>
    public IEnumerable<string> FoundIn(string directory) =>
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).SelectMany(file => FoundIn(Path.GetRelativePath(directory, file), File.ReadAllBytes(file)));

    public IEnumerable<string> FoundIn(string where, string text) => FoundIn(where, Encoding.UTF8.GetBytes(text));

    private IEnumerable<string> FoundIn(string where, byte[] bytes) => _needles.Where(needle => bytes.AsSpan().IndexOf(needle.Bytes) >= 0).Select(needle => $"{where}: {needle.What}");

    private void Add(string what, byte[] bytes) => _needles.Add((what, bytes));
}
