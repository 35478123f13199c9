using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Elasticity.Server;

/// <summary>Where a server listens.</summary>
internal sealed class ListenAddress
{
    private readonly string _text;
    private readonly IPAddress? _address;
    private readonly int _port;
    private readonly X509Certificate2? _certificate;

    private ListenAddress(string text, IPAddress? address, int port, X509Certificate2? certificate)
    {
        _text = text;
        _address = address;
        _port = port;
        _certificate = certificate;
    }

    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLoopback => _address is null || IPAddress.IsLoopback(_address);

    /// <summary>Whether what is sent there is encrypted.</summary>
    public bool IsEncrypted => _certificate is not null;

    /// <summary>Reads an address.</summary>
    /// <exception cref="ServerStartException"><c>listen-invalid</c>.</exception>
    public static ListenAddress Of(ServerOptions options)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(options.Listen);
        }
        catch (FormatException exception)
        {
            throw Invalid($"'{options.Listen}' is no address; say http://127.0.0.1:8080.", exception);
        }

        X509Certificate2? certificate = address.Scheme switch
        {
            "http" => null,
            "https" => CertificateOf(options),
            _ => throw Invalid($"'{options.Listen}' begins with neither http:// nor https://."),
        };
        if (address.PathBase.Length > 0)
        {
            throw Invalid($"'{options.Listen}' has a path; only scheme, address and port can be chosen.");
        }

        return new ListenAddress(options.Listen, AddressOf(address.Host), address.Port, certificate);
    }

    /// <summary>Listens there.</summary>
    public void Apply(KestrelServerOptions kestrel)
    {
        switch (_address)
        {
            case null when _port != 0:
                kestrel.ListenLocalhost(_port, Configure);
                break;
            case null: // Two families cannot take one free port together.
                kestrel.Listen(IPAddress.Loopback, 0, Configure);
                break;
            case { } any when any.Equals(IPAddress.IPv6Any):
                kestrel.ListenAnyIP(_port, Configure);
                break;
            default:
                kestrel.Listen(_address, _port, Configure);
                break;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _text;

    private void Configure(ListenOptions options)
    {
        if (_certificate is not null)
        {
            options.UseHttps(_certificate);
        }
    }

    private static IPAddress? AddressOf(string host) =>
        host is "*" or "+" ? IPAddress.IPv6Any
        : host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? null
        : IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) ? address
        : throw Invalid($"'{host}' is neither an IP address nor localhost nor *.");

    private static X509Certificate2 CertificateOf(ServerOptions options)
    {
        if (options.CertificateFile is null)
        {
            throw Invalid("https:// needs a certificate: say --certificate and --certificate-key, each a PEM file.");
        }

        try
        {
            X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(
                options.CertificateFile, options.CertificateKeyFile);
            if (!OperatingSystem.IsWindows())
            {
                return certificate;
            }

            using (certificate) // Windows serves only keys that it has imported.
            {
                return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
            }
        }
        catch (Exception exception) when (
            exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Invalid($"The certificate cannot be read: {exception.Message}", exception);
        }
    }

    private static ServerStartException Invalid(string message, Exception? inner = null) =>
        new("listen-invalid", message, inner);
}
