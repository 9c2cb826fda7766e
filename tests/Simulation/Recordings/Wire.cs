using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.Core.Services;

namespace Agora.Simulation.Recordings;

/// <summary>What crosses between entities, as text: as its envelope's bytes are.</summary>
public static class Wire
{
    private static readonly EnvelopeCodec Codec = new();
    private static readonly FrozenSet<Type> Commands = Manifest.Entities.SelectMany(e => e.CommandNames.Cases).ToFrozenSet();

    public static bool Knows(object command) => Commands.Contains(command.GetType());

    public static string Of(object body) => Encoding.Latin1.GetString(Codec.Encode(new(Guid.Empty, null, body)));

    public static object Read(string text) => Codec.Decode(Encoding.Latin1.GetBytes(text)).Body;
}

/// <summary>What a step came to, as text and back.</summary>
public static class Outcomes
{
    public static object[] Of(StepOutcome outcome) => outcome switch
    {
        StepOutcome.Answered a => ["answered", Wire.Of(a.Answer)],
        StepOutcome.Unreachable => ["unreachable"],
        ServiceOutcome.NotCalled => ["not called"],
        ServiceOutcome.Output o => ["output", Convert.ToBase64String(o.Body.Span), o.Attempts, o.CostMicros ?? -1],
        ServiceOutcome.CallFailed f => ["failed", f.Code, f.Reason, f.Attempts],
        VerifyOutcome.Valid v => ["valid", v.Payer],
        VerifyOutcome.Invalid i => ["invalid", i.Reason],
        VerifyOutcome.Unknown u => ["not verified", (int)u.Why],
        SettleOutcome.Settled s => ["settled", s.Transaction ?? ""],
        SettleOutcome.Refused r => ["refused", r.Reason],
        SettleOutcome.Unknown u => ["not settled", (int)u.Why],
        _ => throw new System.Diagnostics.UnreachableException(outcome.ToString()),
    };

    public static StepOutcome Read(JsonElement told) => told[0].GetString() switch
    {
        "answered" => new StepOutcome.Answered((Answer)Wire.Read(told[1].GetString()!)),
        "unreachable" => new StepOutcome.Unreachable(),
        "not called" => new ServiceOutcome.NotCalled(),
        "output" => new ServiceOutcome.Output(told[1].GetBytesFromBase64(), told[2].GetInt32(), told[3].GetInt64() is var cost and >= 0 ? cost : null),
        "failed" => new ServiceOutcome.CallFailed(told[1].GetString()!, told[2].GetString()!, told[3].GetInt32()),
        "valid" => new VerifyOutcome.Valid(told[1].GetString()!),
        "invalid" => new VerifyOutcome.Invalid(told[1].GetString()!),
        "not verified" => new VerifyOutcome.Unknown((FacilitatorDoubt)told[1].GetInt32()),
        "settled" => new SettleOutcome.Settled(told[1].GetString() is { Length: > 0 } transaction ? transaction : null),
        "refused" => new SettleOutcome.Refused(told[1].GetString()!),
        "not settled" => new SettleOutcome.Unknown((FacilitatorDoubt)told[1].GetInt32()),
        _ => throw new InvalidDataException(told.GetRawText()),
    };
}
