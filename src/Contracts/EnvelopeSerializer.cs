using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Agora.Core.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.Configuration;
using Orleans.Serialization.Serializers;
using Orleans.Serialization.WireProtocol;

namespace Agora.Contracts;

/// <summary>
/// All that Orleans has to know of our types: an envelope crosses between processes as one length-prefixed field of bytes that
/// <see cref="IEnvelopeCodec"/> makes, and within a silo it is passed as it is, because it is immutable.
/// <para>This is the border: what goes out has the token of this process, unless it is passed on for another one, and what a silo that checks its callers reads is
/// marked as from outside, with a token or without.</para>
/// <para>What has more than <see cref="Limits.EnvelopeBytes"/> is refused here, before Orleans sees it: only its own call fails.</para>
/// </summary>
public sealed class EnvelopeSerializer(IEnvelopeCodec codec, CallerSigner? signer = null, CallerVerifier? verifier = null) : IGeneralizedCodec, IGeneralizedCopier, ITypeFilter
{
    public bool IsSupportedType(Type type) => type == typeof(Envelope);

    public bool? IsTypeAllowed(Type type) => IsSupportedType(type) ? true : null;

    [return: NotNullIfNotNull(nameof(input))]
    public object? DeepCopy(object? input, CopyContext context) => input;

    public void WriteField<TBufferWriter>(ref Writer<TBufferWriter> writer, uint fieldIdDelta, [AllowNull] Type expectedType, [AllowNull] object value)
        where TBufferWriter : IBufferWriter<byte>
    {
        if (ReferenceCodec.TryWriteReferenceField(ref writer, fieldIdDelta, expectedType, value))
            return;
        var envelope = (Envelope)value!;
        var bytes = codec.Encode(Signed(envelope));
        if (bytes.Length > Limits.EnvelopeBytes)
        {
            throw IsAnswer(envelope) ? new InvalidOperationException($"An answer has {bytes.Length} bytes; at most {Limits.EnvelopeBytes} may cross between processes.") : new CommandTooLargeException(bytes.Length);
        }

        writer.WriteFieldHeader(fieldIdDelta, expectedType, typeof(Envelope), WireType.LengthPrefixed);
        writer.WriteVarUInt32((uint)bytes.Length);
        writer.Write(bytes);
    }

    // An answer is never signed: with the token in it, the caller could send commands as this process.
    private Envelope Signed(Envelope envelope) =>
        signer is null || envelope.Caller is not null || IsAnswer(envelope) ? envelope : envelope with { Caller = signer.Token };

    private static bool IsAnswer(Envelope envelope) => envelope.Body is Answer or OperatingFailure;

    public object? ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        if (field.IsReference)
            return ReferenceCodec.ReadReference<Envelope, TInput>(ref reader, field);
        if (field.WireType != WireType.LengthPrefixed)
            throw new FormatException($"An envelope is a length-prefixed field, not {field.WireType}.");
        var envelope = codec.Decode(reader.ReadBytes(reader.ReadVarUInt32()));
        if (verifier is not null && envelope.Caller is null)
        {
            envelope = envelope with { Caller = "" };
        }

        ReferenceCodec.RecordObject(reader.Session, envelope);
        return envelope;
    }
}

/// <summary>A command has more than <see cref="Limits.EnvelopeBytes"/> and was not sent.</summary>
public sealed class CommandTooLargeException(int bytes) : Exception($"The command has {bytes} bytes; at most {Limits.EnvelopeBytes} may cross between processes.");

public static class EnvelopeSerializerRegistration
{
    /// <summary>Lets silos and clients exchange envelopes, with the <see cref="IEnvelopeCodec"/> that is registered beside it.</summary>
    public static IServiceCollection AddEnvelopeSerializer(this IServiceCollection services) => services
        .AddSingleton<EnvelopeSerializer>()
        .AddSingleton<IGeneralizedCodec>(static provider => provider.GetRequiredService<EnvelopeSerializer>())
        .AddSingleton<IGeneralizedCopier>(static provider => provider.GetRequiredService<EnvelopeSerializer>())
        .AddSingleton<ITypeFilter>(static provider => provider.GetRequiredService<EnvelopeSerializer>())
        .Configure<TypeManifestOptions>(static types =>
        {
            // Silos of two releases know a reply's type by this name, wherever the type stands.
            foreach (var reply in GrainMethods.Replies) types.WellKnownTypeAliases[$"agora.{reply.Name}"] = reply;
        });
}
