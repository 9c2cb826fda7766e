using System.Text;

namespace Agora.Fuzz.Grammar;

/// <summary>One request as it goes over the wire.</summary>
/// <param name="Closes">Its framing is not what the server takes it for, or it says so itself: nothing can follow it on its connection.</param>
/// <param name="EndsEarly">The client goes before it has sent all, or without waiting for the answer.</param>
internal sealed record Input(byte[] Bytes, string Route, string Method, bool Closes, bool EndsEarly)
{
    /// <summary>As text that can be read and pasted; the first 4,000 bytes.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var b in Bytes.AsSpan(0, Math.Min(Bytes.Length, 4_000)))
        {
            _ = b is (byte)'\n' ? text.Append("\\n\n") : b is (byte)'\r' ? text.Append("\\r") : b is >= 32 and < 127 ? text.Append((char)b) : text.Append($"\\x{b:x2}");
        }

        return text.ToString();
    }
}
