using System.Buffers;
using System.Text.Json;
using Agora.Models;

namespace Agora.X402;

/// <summary>
/// Writes what clients and facilitators read: headers in base64, bodies in UTF-8. A payment is written from what was read of it and
/// the requirements it was held against, which it equals, so that nobody is asked about anything that was not checked here.
/// </summary>
public static class PaymentWriter
{
    /// <summary>The value of PAYMENT-REQUIRED (version 2).</summary>
    public static string Header(PaymentRequired required) => Convert.ToBase64String(Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("x402Version", 2);
        json.WriteString("error", required.Error);
        Resource(json, required.Resource);
        json.WriteStartArray("accepts");
        foreach (var requirements in required.Accepts)
        {
            json.WriteStartObject();
            Requirements(json, requirements);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("extensions");
        Identifier(json, null);
        json.WriteEndObject();
        json.WriteEndObject();
    }));

    /// <summary>
    /// The members that a client of version 1 looks for in the body of a 402, <c>x402Version</c> and <c>accepts</c>, as one JSON object; null where
    /// no offered network has a name there.
    /// </summary>
    public static byte[]? Version1Body(PaymentRequired required) =>
        required.Accepts.All(a => Version1Networks.NameOf(a.Network) is null) ? null : Write(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("x402Version", 1);
            json.WriteString("error", required.Error);
            json.WriteStartArray("accepts");
            foreach (var requirements in required.Accepts.Where(a => Version1Networks.NameOf(a.Network) is not null))
            {
                json.WriteStartObject();
                Version1Requirements(json, requirements, required.Resource);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });

    /// <summary>The value of PAYMENT-RESPONSE, or of X-PAYMENT-RESPONSE for a payment of version 1, which names networks in its own way.</summary>
    public static string Header(PaymentResponse response, int version) => Convert.ToBase64String(Write(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("success", response.Success);
        if (response.ErrorReason is { } reason)
        {
            json.WriteString("errorReason", reason);
        }

        json.WriteString("transaction", response.Transaction);
        json.WriteString("network", NameOf(response.Network, version));
        json.WriteString("payer", response.Payer);
        if (response.Amount is { } amount)
        {
            json.WriteString("amount", PaymentJson.Digits(amount));
        }

        json.WriteEndObject();
    }));

    /// <summary>The body of a facilitator's POST /verify and POST /settle (§7.1, §7.2), in the payment's own version.</summary>
    public static byte[] FacilitatorBody(Payment payment, PaymentRequirements requirements, PaidResource resource) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("x402Version", payment.Version);
        json.WriteStartObject("paymentPayload");
        json.WriteNumber("x402Version", payment.Version);
        if (payment.Version == 1)
        {
            json.WriteString("scheme", requirements.Scheme);
            json.WriteString("network", NameOf(requirements.Network, 1));
        }
        else
        {
            Resource(json, resource);
            json.WriteStartObject("accepted");
            Requirements(json, requirements);
            json.WriteEndObject();
        }

        Signed(json, payment);
        if (payment.PaymentId is { } id)
        {
            json.WriteStartObject("extensions");
            Identifier(json, id);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("paymentRequirements");
        if (payment.Version == 1)
        {
            Version1Requirements(json, requirements, resource);
        }
        else
        {
            Requirements(json, requirements);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>How a network is called in a version of the protocol.</summary>
    public static string NameOf(string network, int version) => (version == 1 ? Version1Networks.NameOf(network) : null) ?? network;

    private static void Signed(Utf8JsonWriter json, Payment payment)
    {
        var signed = payment.Authorization;
        json.WriteStartObject("payload");
        json.WriteString("signature", payment.Signature);
        json.WriteStartObject("authorization");
        json.WriteString("from", signed.From);
        json.WriteString("to", signed.To);
        json.WriteString("value", PaymentJson.Digits(signed.Value));
        json.WriteString("validAfter", PaymentJson.Digits(signed.ValidAfter));
        json.WriteString("validBefore", PaymentJson.Digits(signed.ValidBefore));
        json.WriteString("nonce", signed.Nonce);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Resource(Utf8JsonWriter json, PaidResource resource)
    {
        json.WriteStartObject("resource");
        json.WriteString("url", resource.Url);
        json.WriteString("description", Shortened(resource.Description));
        json.WriteString("mimeType", resource.MimeType);
        json.WriteEndObject();
    }

    private static ReadOnlySpan<char> Shortened(string text) => text.AsSpan(0, Graphemes.Fit(text, X402Limits.DescriptionLength));

    private static void Requirements(Utf8JsonWriter json, PaymentRequirements requirements)
    {
        json.WriteString("scheme", requirements.Scheme);
        json.WriteString("network", requirements.Network);
        json.WriteString("amount", PaymentJson.Digits(requirements.Amount));
        Rest(json, requirements);
    }

    private static void Version1Requirements(Utf8JsonWriter json, PaymentRequirements requirements, PaidResource resource)
    {
        json.WriteString("scheme", requirements.Scheme);
        json.WriteString("network", NameOf(requirements.Network, 1));
        json.WriteString("maxAmountRequired", PaymentJson.Digits(requirements.Amount));
        json.WriteString("resource", resource.Url);
        json.WriteString("description", Shortened(resource.Description));
        json.WriteString("mimeType", resource.MimeType);
        Rest(json, requirements);
    }

    private static void Rest(Utf8JsonWriter json, PaymentRequirements requirements)
    {
        json.WriteString("asset", requirements.Asset);
        json.WriteString("payTo", requirements.PayTo);
        json.WriteNumber("maxTimeoutSeconds", requirements.MaxTimeoutSeconds);
        json.WriteStartObject("extra");
        json.WriteString("name", requirements.AssetName);
        json.WriteString("version", requirements.AssetVersion);
        json.WriteEndObject();
    }

    /// <summary>The extension payment-identifier: an id is welcome, not required.</summary>
    private static void Identifier(Utf8JsonWriter json, string? id)
    {
        json.WriteStartObject(PaymentJson.PaymentIdentifier);
        json.WriteStartObject("info");
        json.WriteBoolean("required", false);
        if (id is not null)
        {
            json.WriteString("id", id);
        }

        json.WriteEndObject();
        json.WritePropertyName("schema");
        json.WriteRawValue("""{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"required":{"type":"boolean"},"id":{"type":"string","minLength":16,"maxLength":128,"pattern":"^[a-zA-Z0-9_-]+$"}},"required":["required"]}""");
        json.WriteEndObject();
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
