namespace Agora.JsonSchema.Patterns;

/// <summary>
/// Why a pattern cannot be used. Thrown and caught within this folder only: a recursive parser has no better way to
/// give up. <see cref="Unsupported"/> tells a correct pattern that is beyond us from one that is no pattern at all.
/// </summary>
internal sealed class PatternException(string message, bool unsupported = false) : Exception(message)
{
    public bool Unsupported => unsupported;
}
