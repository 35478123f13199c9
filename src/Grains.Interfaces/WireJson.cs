using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Elasticity.Domain;
using Elasticity.Domain.Jobs;
using Elasticity.EventStore;
using Elasticity.EventStore.Codec;

namespace Elasticity.Grains;

/// <summary>The JSON in which the types of the domain and the port travel between silos and clients. Not stored: the
/// event codec does that.</summary>
public static class WireJson
{
    private static readonly ImmutableHashSet<Assembly> Assemblies =
    [
        typeof(Message).Assembly, typeof(IEventStore).Assembly, typeof(Engine.IElasticity).Assembly,
        typeof(WireJson).Assembly,
    ];

    /// <summary>The options.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip, // A newer silo may say more, in a rolling upgrade.
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new JobIdConverter(), new AgentIdConverter(), new SessionIdConverter(), new PayloadConverter(),
            new HashConverter(), new MaybeArrayConverter(), WireExceptions.OfEngine, WireExceptions.OfStore,
        },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { AddCases, KeepPayload } },
    };

    /// <summary>Whether a type travels as this JSON.</summary>
    /// <param name="type">The type.</param>
    /// <returns>True for what the domain, the store, the port and the contracts define.</returns>
    public static bool Holds(Type type) =>
        Assemblies.Contains(type.Assembly) && type is { IsInterface: false, IsGenericTypeDefinition: false }
            && !typeof(Delegate).IsAssignableFrom(type) && !type.Name.Contains('_', StringComparison.Ordinal);

    /// <summary>The closed hierarchies of the domain nest their cases, whose names tell them apart.</summary>
    private static void AddCases(JsonTypeInfo info)
    {
        if (!info.Type.IsAbstract || !Assemblies.Contains(info.Type.Assembly))
        {
            return;
        }

        info.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = "$case" };
        foreach (Type nested in info.Type.GetNestedTypes().Where(info.Type.IsAssignableFrom))
        {
            info.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(nested, nested.Name));
        }
    }

    /// <summary>In stored JSON a payload is an attachment; here it travels with its task.</summary>
    private static void KeepPayload(JsonTypeInfo info)
    {
        if (info.Type != typeof(TaskSpec))
        {
            return;
        }

        foreach (JsonPropertyInfo old in info.Properties.Where(p => p.PropertyType == typeof(Payload)).ToArray())
        {
            info.Properties.Remove(old);
        }

        PropertyInfo property = typeof(TaskSpec).GetProperty(nameof(TaskSpec.Payload))!;
        JsonPropertyInfo payload = info.CreateJsonPropertyInfo(typeof(Payload), property.Name);
        payload.Get = property.GetValue;
        payload.Set = property.SetValue;
        info.Properties.Add(payload);
    }

    private sealed class PayloadConverter : JsonConverter<Payload>
    {
        public override Payload Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetBytesFromBase64());

        public override void Write(Utf8JsonWriter writer, Payload value, JsonSerializerOptions options) =>
            writer.WriteBase64StringValue(value.Bytes.Span);
    }

    private sealed class HashConverter : JsonConverter<Hash256>
    {
        public override Hash256 Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetBytesFromBase64());

        public override void Write(Utf8JsonWriter writer, Hash256 value, JsonSerializerOptions options)
        {
            Span<byte> bytes = stackalloc byte[Hash256.ByteCount];
            value.CopyTo(bytes);
            writer.WriteBase64StringValue(bytes);
        }
    }

    /// <summary>A default immutable array, which means "not said", is null.</summary>
    private sealed class MaybeArrayConverter : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) =>
            typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(ImmutableArray<>);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(
                typeof(Of<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

        private sealed class Of<T> : JsonConverter<ImmutableArray<T>>
        {
            public override bool HandleNull => true;

            public override ImmutableArray<T> Read(
                ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
                JsonSerializer.Deserialize<T[]>(ref reader, options) is { } items
                    ? ImmutableCollectionsMarshal.AsImmutableArray(items)
                    : default;

            public override void Write(
                Utf8JsonWriter writer, ImmutableArray<T> value, JsonSerializerOptions options) =>
                JsonSerializer.Serialize(writer, ImmutableCollectionsMarshal.AsArray(value), options);
        }
    }
}
